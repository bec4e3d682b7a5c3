{# Parts of a URL. Null stays null. #}

{# The URL without its scheme. #}
{% macro url_without_scheme(x) -%}
case when position('://' in {{ x }}) between 2 and 12 then substr({{ x }}, position('://' in {{ x }}) + 3) else {{ x }} end
{%- endmacro %}

{# R2, R4.1: the host of an absolute address of the web or of an Android app, in lower case, without user info, port and the
   brackets of IPv6; null for everything else (`about:blank`, `mailto:...`, a path). A regular expression, because DuckDB's
   split_part repeats its argument: four of them in a filter take 2.3 seconds per million rows instead of 0.1. User
   info and brackets are rare and cost three times as much. #}
{% macro url_host(x) -%}
{%- set scheme, host = '^(?:https?|android-app)://', '(\\[[0-9A-Fa-f:.%]*\\]|[^/?#:\\[]*)' -%}
nullif(lower(
    case when position('@' in {{ x }}) = 0 and position('[' in {{ x }}) = 0
        then {{ call_attribution.captured(x, scheme ~ '([^/?#:]*)', any_case=true) }}
        else translate({{ call_attribution.captured(x, scheme ~ '(?:[^/?#]*@)?' ~ host, any_case=true) }}, '[]', '')
    end
), '')
{%- endmacro %}

{# The host where people or sources write a site with or without a scheme: cells of the rule sheet, `own_hosts`, a CRM's
   websites, pages seen. An IPv6 address without brackets has two colons or more; otherwise a colon begins a port, and
   `about:blank` is not a site. #}
{% macro site_host(x) -%}
case
    when position('://' in {{ x }}) > 0 then {{ call_attribution.url_host(x) }}
    when {{ call_attribution.matches_pattern(x, '^[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*$') }} then lower({{ x }})
    when {{ call_attribution.matches_pattern(x, '^(?:[^/?#:]*@)?(?:\\[[0-9A-Fa-f:.%]*\\]|[^/?#:]*)(?::[0-9]*)?(?:[/?#]|$)') }}
        then {{ call_attribution.url_host("'https://' || " ~ x) }}
end
{%- endmacro %}

{# The address without user info, which can name a person: `https://jane:pw@site.org/` becomes `https://site.org/`. Few
   addresses have an `@`, so the regular expressions cost next to nothing. #}
{% macro without_user_info(x) -%}
{%- set scheme = '(?:[A-Za-z][A-Za-z0-9+.-]*:)?//' -%}
case
    when position('@' in {{ x }}) = 0 or not {{ call_attribution.matches_pattern(x, '^(?:' ~ scheme ~ ')?[^/?#]*@') }} then {{ x }}
    else coalesce({{ call_attribution.captured(x, '^(' ~ scheme ~ ')') }}, '')
        || substr({{ x }}, 1 + length({{ call_attribution.captured(x, '^((?:' ~ scheme ~ ')?[^/?#]*@)') }}))
end
{%- endmacro %}

{# R2: an address that can be a referrer, without user info. One of another kind (`about:`, `data:`, `mailto:`, `file:`)
   counts as none. The first branch alone decides almost every value. #}
{% macro referrer_address(x) -%}
case
    when substr({{ x }}, 1, 7) in ('https:/', 'http://') and position('@' in {{ x }}) = 0 then {{ x }}
    when not {{ call_attribution.matches_pattern(x, '^[A-Za-z][A-Za-z0-9+.-]*:') }}
        or {{ call_attribution.matches_pattern('lower(' ~ x ~ ')', '^(?:https?|android-app)://') }}
        then {{ call_attribution.without_user_info(x) }}
end
{%- endmacro %}

{# A host without its public suffix: `www.google.co.uk` becomes `www.google`. A suffix is a last label of letters, with a
   label such as `co` before one of two letters. #}
{% macro host_without_suffix(host) -%}
coalesce(
    nullif({{ call_attribution.captured(host, '^(.*[.][^.]+|[^.]+)[.](?:co|com|net|org|or|ne|ac|edu|gov)[.][a-z][a-z]$') }}, ''),
    nullif({{ call_attribution.captured(host, '^(.*)[.][a-z]+$') }}, ''),
    {{ host }}
)
{%- endmacro %}

{# Whether a host (columns host and host_name of a relation) matches a pattern of a seed. `*` stands for anything, but `.*` at
   the end for a public suffix only: `google.*` is `google.co.uk` and not `google.interia.pl`. #}
{% macro host_matches(hosts, pattern) -%}
case
    when {{ pattern }} like '%.*' then {{ hosts }}.host_name <> {{ hosts }}.host
        and {{ hosts }}.host_name like replace(substr(lower({{ pattern }}), 1, length({{ pattern }}) - 2), '*', '%')
    else {{ hosts }}.host like replace(lower({{ pattern }}), '*', '%')
end
{%- endmacro %}

{# The page as the CRM shows it: without scheme, query and fragment. #}
{% macro url_page(x) -%}
nullif(split_part(split_part({{ call_attribution.url_without_scheme(x) }}, '?', 1), '#', 1), '')
{%- endmacro %}

{# The parameters of an address with `&` before each: those of the query, then those of the fragment (`#utm_source=...`,
   `#/page?utm_source=...`). Names are decoded and trimmed, values are not (url_value). Null without query and fragment.

   Few addresses have a fragment, or a name that needs decoding. DuckDB evaluates an expression once per mention, so the
   conditions test the address itself if they can. Names are searched in the query, where each follows an `&`: 0.2 instead
   of 0.6 microseconds for an address, where `?`, `#` and `&` can precede them. #}
{% macro url_query(x) -%}
{%- set plain = "'&' || substr(" ~ x ~ ", position('?' in " ~ x ~ ") + 1)" -%}
{%- set after_page = "substr(" ~ x ~ ", 1 + length(" ~ call_attribution.captured(x, '^([^?#]*)') ~ "))" -%}
{%- set with_fragment = call_attribution.replace_pattern(after_page, '^[?]|#(?:[^?#=&]*[?])?', '&') -%}
{%- set encoded_name = '&[^=&]*[%+; ]' -%}
case
    when position('#' in {{ x }}) > 0 then case
        when {{ call_attribution.matches_pattern(with_fragment, encoded_name) }} then {{ call_attribution.decode_names(with_fragment) }}
        else {{ with_fragment }}
    end
    when position('?' in {{ x }}) = 0 then null
    when (position('%' in {{ x }}) > 0 or position('+' in {{ x }}) > 0 or position(';' in {{ x }}) > 0 or position(' ' in {{ x }}) > 0)
        and {{ call_attribution.matches_pattern(plain, encoded_name) }}
        then {{ call_attribution.decode_names(plain) }}
    else {{ plain }}
end
{%- endmacro %}

{# A query whose names are decoded and trimmed, without the rest of an HTML entity (`&amp;utm_medium=`). #}
{% macro decode_names(query) %}{{ return(adapter.dispatch('decode_names', 'call_attribution')(query)) }}{% endmacro %}
{% macro duckdb__decode_names(query) -%}
array_to_string(list_transform(
    string_split({{ query }}, '&'),
    lambda parameter: {{ call_attribution.decoded_name("regexp_extract(parameter, '^[^=]*')") }}
        || regexp_extract(parameter, '=[\s\S]*')
), '&')
{%- endmacro %}

{# A decoded `&` or `=` belongs to the name and is encoded again. #}
{% macro decoded_name(name) -%}
{%- set decoded = call_attribution.replace_pattern(
    'coalesce(' ~ call_attribution.trim_text(call_attribution.url_decode(name)) ~ ", '')", '^(?:(?:amp|AMP|38);)+', '') -%}
replace(replace({{ decoded }}, '&', '%26'), '=', '%3D')
{%- endmacro %}

{# The text with every match of a regular expression replaced by a literal. #}
{% macro replace_pattern(x, pattern, replacement) %}{{ return(adapter.dispatch('replace_pattern', 'call_attribution')(x, pattern, replacement)) }}{% endmacro %}
{% macro default__replace_pattern(x, pattern, replacement) -%}
regexp_replace({{ x }}, {{ call_attribution.pattern_literal(pattern) }}, {{ call_attribution.escaped_literal(replacement) }})
{%- endmacro %}
{% macro duckdb__replace_pattern(x, pattern, replacement) -%}
regexp_replace({{ x }}, {{ call_attribution.pattern_literal(pattern) }}, {{ call_attribution.escaped_literal(replacement) }}, 'g')
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

{# The undecoded value of the first parameter of a name in a url_query; null or blank if it is missing. Names are compared
   without case. Plain search comes first, unless another spelling precedes: the regular expression for any case costs six times
   as much. Decode the value in a later CTE (url_value), because the engine evaluates a nested expression once per mention. #}
{% macro raw_parameter(query, name) -%}
case
    when position('{{ name }}' in lower({{ query }})) = 0 then null
    when position('&{{ name }}=' in {{ query }}) > 0
        and position('&{{ name }}=' in {{ query }}) = position('&{{ name }}=' in lower({{ query }}))
        then {{ call_attribution.captured(
            'substr(' ~ query ~ ", position('&" ~ name ~ "=' in " ~ query ~ ') + ' ~ (name | length + 2) ~ ')', '^([^&]*)') }}
    else {{ call_attribution.captured(query, '&' ~ name ~ '=([^&]*)', any_case=true) }}
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
