{# What is read from an address. Null stays null. #}

{# The address without its scheme. #}
{% macro url_without_scheme(x) -%}
case when position('://' in {{ x }}) between 2 and 12 then substr({{ x }}, position('://' in {{ x }}) + 3) else {{ x }} end
{%- endmacro %}

{# The host, lower case, without port; null where there is none. In one expression: DuckDB's split_part repeats what it is
   given, and four of them in a filter took 2.3 seconds a million rows instead of 0.1. #}
{% macro url_host(x) -%}
nullif(lower({{ call_attribution.captured(call_attribution.url_without_scheme(x), '^([^/?#:]*)') }}), '')
{%- endmacro %}

{# The page as the CRM shows it: without scheme, query and fragment. #}
{% macro url_page(x) -%}
nullif(split_part(split_part({{ call_attribution.url_without_scheme(x) }}, '?', 1), '#', 1), '')
{%- endmacro %}

{# The query with `&` before every parameter, without fragment; null where there is none. #}
{% macro url_query(x) -%}
case when position('?' in {{ x }}) > 0
    then '&' || split_part(substr({{ x }}, position('?' in {{ x }}) + 1), '#', 1) end
{%- endmacro %}

{# The names of a query's parameters, lower case, joined by `&`: few distinct values, so what they mean is worked out
   once for each. A parameter without a value is none, save for campaign parameters (R3.3). #}
{% macro parameter_names(query) %}{{ return(adapter.dispatch('parameter_names', 'call_attribution')(query)) }}{% endmacro %}
{# split_part makes a list for every value, so it is left to the rare `==`: that is a third less. #}
{% macro duckdb__parameter_names(query) -%}
lower(array_to_string(list_transform(
    list_filter(
        string_split({{ query }}, '&'),
        lambda parameter: case
            when contains(parameter, '==') and split_part(parameter, '=', 2) <> '' then true
            when not contains(parameter, '==') and position('=' in parameter) between 1 and length(parameter) - 1 then true
            else lower(substr(parameter, 1, 4)) = 'utm_'
        end
    ),
    lambda parameter: case
        when position('=' in parameter) > 0 then left(parameter, position('=' in parameter) - 1)
        else parameter
    end
), '&'))
{%- endmacro %}

{# The value of the first parameter of a query with some name, as it stands there; null or blank where it is missing.
   Names are compared without case and surrounding white space. Plain search first: the regular expression for any
   spelling costs six times as much, and few addresses have white space around a name. Decode it in a later step
   (url_value): an expression inside an expression is worked out again for each mention. #}
{% macro raw_parameter(query, name) -%}
case
    when position('{{ name }}' in lower({{ query }})) = 0 then null
    when position('&{{ name }}=' in {{ query }}) > 0
        then {{ call_attribution.captured(
            'substr(' ~ query ~ ", position('&" ~ name ~ "=' in " ~ query ~ ') + ' ~ (name | length + 2) ~ ')', '^([^&]*)') }}
    else {{ call_attribution.captured(
        query, '&(?:\\s|%20|\\+)*' ~ name ~ '(?:\\s|%20|\\+)*=([^&]*)', any_case=true) }}
end
{%- endmacro %}

{# The value of a parameter, decoded and trimmed; null where blank. #}
{% macro url_value(x) -%}
case
    when position('%' in {{ x }}) = 0 and position('+' in {{ x }}) = 0 then {{ call_attribution.trim_text(x) }}
    else {{ call_attribution.trim_text(call_attribution.url_decode(x)) }}
end
{%- endmacro %}

{# Percent-encoding and `+` undone; text that does not decode to UTF-8 stays as it is (decoding it would end the run). #}
{% macro url_decode(x) %}{{ return(adapter.dispatch('url_decode', 'call_attribution')(x)) }}{% endmacro %}
{% macro duckdb__url_decode(x) -%}
coalesce(try(url_decode(replace({{ x }}, '+', ' '))), {{ x }})
{%- endmacro %}
