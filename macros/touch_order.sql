{# The order of touches (touch date, then id, byte by byte) as one text: the first of a set is its min(), the last its
   max(), "between" is < and >. That works on every engine and needs no numbering of ten million rows. #}

{# The moment shifted by 10^18 microseconds, so that every year from 1 to 9999 has the same sign and 19 digits. #}
{% macro touch_order(touchpoint_date, touchpoint_id) -%}
lpad(cast({{ call_attribution.epoch_us(touchpoint_date) }} + 1000000000000000000 as varchar), 19, '0') || {{ touchpoint_id }}
{%- endmacro %}

{# The touchpoint that an order text belongs to. #}
{% macro ordered_touchpoint(touch_order) -%}
substr({{ touch_order }}, 20)
{%- endmacro %}
