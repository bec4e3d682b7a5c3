{# What is read from an address. Null stays null. #}

{# The address without its scheme. #}
{% macro url_without_scheme(x) -%}
case when position('://' in {{ x }}) between 2 and 12 then substr({{ x }}, position('://' in {{ x }}) + 3) else {{ x }} end
{%- endmacro %}

{# The host, lower case, without port; null where there is none. #}
{% macro url_host(x) -%}
nullif(lower(split_part(split_part(split_part(split_part(
    {{ call_attribution.url_without_scheme(x) }}, '/', 1), '?', 1), '#', 1), ':', 1)), '')
{%- endmacro %}

{# The page as the CRM shows it: without scheme, query and fragment. #}
{% macro url_page(x) -%}
nullif(split_part(split_part({{ call_attribution.url_without_scheme(x) }}, '?', 1), '#', 1), '')
{%- endmacro %}

{# The names of the query's parameters, lower case, joined by `&`: few distinct values, so what they mean is worked
   out once for each. Null without a query. #}
{% macro url_parameter_names(x) %}{{ return(adapter.dispatch('url_parameter_names', 'call_attribution')(x)) }}{% endmacro %}
{% macro duckdb__url_parameter_names(x) -%}
case when position('?' in {{ x }}) > 0
    then lower(regexp_replace(split_part(substr({{ x }}, position('?' in {{ x }}) + 1), '#', 1), '=[^&]*', '', 'g')) end
{%- endmacro %}

{# The value of one parameter of the query, decoded and trimmed; null where it is missing or blank. Names are
   compared without case and surrounding white space. #}
{% macro url_parameter(x, name) %}{{ return(adapter.dispatch('url_parameter', 'call_attribution')(x, name)) }}{% endmacro %}
{% macro duckdb__url_parameter(x, name) -%}
{#- Plain text search before the regular expression, which costs six times as much: most addresses lack the parameter
    or spell it plainly. -#}
case
    when position('{{ name }}' in lower({{ x }})) = 0 then null
    when position('#' in {{ x }}) = 0 and position('?{{ name }}=' in {{ x }}) > 0
        then {{ call_attribution.url_value("split_part(split_part(" ~ x ~ ", '?" ~ name ~ "=', 2), '&', 1)") }}
    when position('#' in {{ x }}) = 0 and position('&{{ name }}=' in {{ x }}) > 0
        then {{ call_attribution.url_value("split_part(split_part(" ~ x ~ ", '&" ~ name ~ "=', 2), '&', 1)") }}
    else {{ call_attribution.url_value("regexp_extract(" ~ x ~ ", '(?i)^[^?#]*\\?(?:[^#]*?&)?(?:\\s|%20|\\+)*" ~ name
        ~ "(?:\\s|%20|\\+)*=([^&#]*)', 1)") }}
end
{%- endmacro %}

{# Percent-encoding and `+` undone. #}
{% macro url_decode(x) %}{{ return(adapter.dispatch('url_decode', 'call_attribution')(x)) }}{% endmacro %}
{% macro duckdb__url_decode(x) -%}
url_decode(replace({{ x }}, '+', ' '))
{%- endmacro %}

{# The value of a parameter, decoded and trimmed. #}
{% macro url_value(x) -%}
case
    when position('%' in {{ x }}) = 0 and position('+' in {{ x }}) = 0 then {{ call_attribution.trim_text(x) }}
    else {{ call_attribution.trim_text(call_attribution.url_decode(x)) }}
end
{%- endmacro %}
