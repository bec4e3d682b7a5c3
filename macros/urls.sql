{# Parts of a URL. Null stays null. #}

{# The URL without its scheme. #}
{% macro url_without_scheme(x) -%}
case when position('://' in {{ x }}) between 2 and 12 then substr({{ x }}, position('://' in {{ x }}) + 3) else {{ x }} end
{%- endmacro %}

{# The host in lower case, without port; null if it is missing. One regular expression: DuckDB's split_part repeats its
   argument, and four of them in a filter take 2.3 seconds per million rows instead of 0.1. #}
{% macro url_host(x) -%}
nullif(lower({{ call_attribution.captured(call_attribution.url_without_scheme(x), '^([^/?#:]*)') }}), '')
{%- endmacro %}

{# The page as the CRM shows it: without scheme, query and fragment. #}
{% macro url_page(x) -%}
nullif(split_part(split_part({{ call_attribution.url_without_scheme(x) }}, '?', 1), '#', 1), '')
{%- endmacro %}

{# The query with `&` before every parameter, without fragment; null if it is missing. #}
{% macro url_query(x) -%}
case when position('?' in {{ x }}) > 0
    then '&' || split_part(substr({{ x }}, position('?' in {{ x }}) + 1), '#', 1) end
{%- endmacro %}

{# The names of a query's parameters in lower case, joined by `&`. Few distinct values, so models evaluate each only once.
   Parameters without a value are left out, except campaign parameters (R3.3). #}
{% macro parameter_names(query) %}{{ return(adapter.dispatch('parameter_names', 'call_attribution')(query)) }}{% endmacro %}
{# split_part creates a list per value, so only the rare `==` uses it: a third faster. #}
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

{# The undecoded value of the first query parameter of a name; null or blank if it is missing. Names are compared without
   case and surrounding white space. Plain search comes first: the regular expression for any spelling costs six times as
   much, and few URLs have white space around a name. Decode the value in a later CTE (url_value), because the engine
   evaluates a nested expression once per mention. #}
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

{# The value of a parameter, decoded and trimmed; null if blank. #}
{% macro url_value(x) -%}
case
    when position('%' in {{ x }}) = 0 and position('+' in {{ x }}) = 0 then {{ call_attribution.trim_text(x) }}
    else {{ call_attribution.trim_text(call_attribution.url_decode(x)) }}
end
{%- endmacro %}

{# Decodes percent-encoding and `+`. A text that does not decode to UTF-8 does not change: an error would end the run. #}
{% macro url_decode(x) %}{{ return(adapter.dispatch('url_decode', 'call_attribution')(x)) }}{% endmacro %}
{% macro duckdb__url_decode(x) -%}
coalesce(try(url_decode(replace({{ x }}, '+', ' '))), {{ x }})
{%- endmacro %}
