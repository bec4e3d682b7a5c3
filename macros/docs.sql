{# A text as a SQL literal. #}
{% macro sql_text(x) -%}
{{ call_attribution.text_literal(x | string | replace('\n', ' ') | trim) }}
{%- endmacro %}
