{# What call providers write: objects inside a field, telephone numbers in any form. #}

{# A value inside a JSON object, by its dotted path; null where there is none. #}
{% macro json_text(x, path) %}{{ return(adapter.dispatch('json_text', 'call_attribution')(x, path)) }}{% endmacro %}
{% macro duckdb__json_text(x, path) -%}
nullif(case when json_valid({{ x }}) then json_extract_string({{ x }}, '$.{{ path }}') end, '')
{%- endmacro %}

{# The first group of a regular expression; null where nothing matches. The expression may be a column. #}
{% macro first_match(x, pattern) %}{{ return(adapter.dispatch('first_match', 'call_attribution')(x, pattern)) }}{% endmacro %}
{% macro duckdb__first_match(x, pattern) -%}
nullif(regexp_extract({{ x }}, {{ pattern }}, 1, 'i'), '')
{%- endmacro %}

{# A telephone number as it is compared: digits only, without the international prefix, and without the 1 of the North
   American plan, which half of the systems leave out. Fewer than seven digits are no number. #}
{% macro phone_number(x) -%}
{%- set digits = "translate(" ~ x ~ ", translate(" ~ x ~ ", '0123456789', ''), '')" -%}
{%- set full = "case when " ~ digits ~ " like '00%' then substr(" ~ digits ~ ", 3) else " ~ digits ~ " end" -%}
case
    when length({{ full }}) < 7 then null
    when length({{ full }}) = 11 and ({{ full }}) like '1%' then substr({{ full }}, 2)
    else {{ full }}
end
{%- endmacro %}
