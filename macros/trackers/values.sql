{# What the values of web trackers contain. Landing renders these macros too, for the links of its rows. #}

{# The text if it is an email address. Sites that know their users often use it as the user id. #}
{% macro address_or_null(x) -%}
case when {{ x }} like '%_@_%' and {{ x }} not like '% %' then {{ x }} end
{%- endmacro %}

{# The address that a visitor typed into a form, from Snowplow's event submit_form: the value of the first field whose name or
   type says email and whose value is an address (a box `email_optin` can come before it). Patterns, because loaders write this
   event in several shapes, and a field's value before or after its name. #}
{% macro submitted_address(x) -%}
{%- set name, value = '"(?:name|type)" *: *"[^"]*e-?mail[^"]*"', '"value" *: *"([^"@ ]+@[^"@ ]+)"' -%}
{%- set orders = [name ~ '[^{}]*' ~ value, value ~ '[^{}]*' ~ name] -%}
coalesce(
    {%- for order in orders %}
    nullif({{ call_attribution.captured(x, order, any_case=true) }}, ''){{ ',' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}

{# The value of a parameter of a GA4 event: event_params is a JSON array of `{"key": ..., "value": {"string_value": ...}}`. #}
{% macro event_parameter(x, name) %}{{ return(adapter.dispatch('event_parameter', 'call_attribution')(x, name)) }}{% endmacro %}
{% macro duckdb__event_parameter(x, name) -%}
{%- set shape = '[{"key":"VARCHAR","value":{"string_value":"VARCHAR","int_value":"VARCHAR","double_value":"VARCHAR"}}]' -%}
list_transform(
    list_filter(
        from_json(case when json_valid({{ x }}) then {{ x }} end, '{{ shape }}'),
        lambda parameter: parameter.key = '{{ name }}'
    ),
    lambda parameter: coalesce(parameter.value.string_value, parameter.value.int_value, parameter.value.double_value)
)[1]
{%- endmacro %}

{# The cookie id that a parameter of a GA4 event contains. Tags send the text `undefined` where a variable is not set, which
   would make one visitor of many. #}
{% macro cookie_parameter(x, name) -%}
{{ call_attribution.without_null_words(call_attribution.event_parameter(x, name)) }}
{%- endmacro %}

{# The text, or null if it is a word for null. #}
{% macro without_null_words(x) -%}
case when not {{ call_attribution.matches_pattern('lower(' ~ x ~ ')', '^' ~ call_attribution.null_words() ~ '$') }} then {{ x }} end
{%- endmacro %}

{# NULL_WORDS of orchestration/lib/landing/contract.py as a pattern. DuckDB makes a join of an IN with so many words: the links of
   ten million sessions took 31 instead of 5 CPU seconds. #}
{% macro null_words() -%} (null|none|nan|undefined|#n/a|[(]null[)]) {%- endmacro %}
