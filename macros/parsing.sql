{# How text is read. Raw tables hold text as the source wrote it; these macros are the one place that says what
   it means, for the models and for landing (which renders them to compare versions and to list what does not
   cast). Engines differ in casting, so each is dispatched. #}

{# Trims any Unicode white space (property White_Space), blank becomes null. R1.1. #}
{% macro trim_text(x) %}{{ return(adapter.dispatch('trim_text', 'call_attribution')(x)) }}{% endmacro %}

{% macro unicode_white_space() -%}
    {%- for code in [9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                     8202, 8232, 8233, 8239, 8287, 12288] -%}
        {{ 'chr(%d)' % code }}{{ ' || ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# Trimming a set of characters costs 0.5 microseconds a value, looking at both ends a tenth of that. #}
{% macro default__trim_text(x) -%}
case
    when ascii({{ x }}) between 33 and 126 and ascii(right({{ x }}, 1)) between 33 and 126 then {{ x }}
    else nullif(trim({{ x }}, {{ call_attribution.unicode_white_space() }}), '')
end
{%- endmacro %}

{# Text to TIMESTAMP in UTC, microseconds; null where it is no time. Reads `2018-08-27T18:30:25.000+0000`, `...Z`,
   `2018-08-27 18:30:25[.ffffff]` (UTC), a date alone (midnight), epoch seconds, milliseconds and microseconds. #}
{% macro parse_timestamp(x) %}{{ return(adapter.dispatch('parse_timestamp', 'call_attribution')(x)) }}{% endmacro %}

{# Casting to TIMESTAMP ignores an offset and an unknown zone name, so what follows the date decides the cast. The form
   `2018-08-27 18:30:25` is looked for first: it is by far the most common and costs a sixth of the rest. #}
{% macro duckdb__parse_timestamp(x) -%}
case
    when length({{ x }}) = 19 and substr({{ x }}, 17, 1) = ':' and substr({{ x }}, 5, 1) = '-'
        then try_cast({{ x }} as timestamp)
    when substr({{ x }}, 5, 1) = '-' then
        case translate(substr({{ x }}, 12), '0123456789:.', '')
            when '' then try_cast({{ x }} as timestamp)
            when 'Z' then try_cast({{ x }} as timestamp)
            when 'z' then try_cast(upper({{ x }}) as timestamp)
            when ' UTC' then try_cast({{ x }} as timestamp)
            when '+' then try_cast({{ x }} as timestamptz) at time zone 'UTC'
            when '-' then try_cast({{ x }} as timestamptz) at time zone 'UTC'
            when ' +' then try_cast(replace({{ x }}, ' +', '+') as timestamptz) at time zone 'UTC'
            when ' -' then try_cast(replace({{ x }}, ' -', '-') as timestamptz) at time zone 'UTC'
        end
    when translate({{ x }}, '0123456789.', '') = '' then
        case length(split_part({{ x }}, '.', 1))
            when 9 then make_timestamp(cast(round(try_cast({{ x }} as decimal(30, 6)) * 1000000) as bigint))
            when 10 then make_timestamp(cast(round(try_cast({{ x }} as decimal(30, 6)) * 1000000) as bigint))
            when 12 then make_timestamp(cast(round(try_cast({{ x }} as decimal(30, 6)) * 1000) as bigint))
            when 13 then make_timestamp(cast(round(try_cast({{ x }} as decimal(30, 6)) * 1000) as bigint))
            when 16 then make_timestamp(try_cast({{ x }} as bigint))
        end
end
{%- endmacro %}

{# True where the text is a calendar date without a time of day. R1.3. #}
{% macro is_date_only(x) -%}
(substr({{ x }}, 5, 1) = '-' and length({{ x }}) <= 10)
{%- endmacro %}

{# Text to DATE: the UTC day of whatever parse_timestamp reads. #}
{% macro parse_date(x) -%}
cast({{ call_attribution.parse_timestamp(x) }} as date)
{%- endmacro %}

{# Text to BOOLEAN; null where it says neither. #}
{% macro parse_boolean(x) -%}
case lower(trim({{ x }}))
    when 'true' then true when 't' then true when '1' then true when 'yes' then true when 'y' then true
    when 'false' then false when 'f' then false when '0' then false when 'no' then false when 'n' then false
end
{%- endmacro %}

{# Text to an exact number, DECIMAL(38,12); null where it is none. #}
{% macro parse_number(x) %}{{ return(adapter.dispatch('parse_number', 'call_attribution')(x)) }}{% endmacro %}

{% macro default__parse_number(x) -%}
try_cast({{ x }} as decimal(38, 12))
{%- endmacro %}

{# The 18-character form of a Salesforce id: three checksum characters, one for each five, tell which letters are
   capitals. An id of another length stays as it is. R1.1. #}
{% macro salesforce_id(x) -%}
{%- set id = call_attribution.trim_text(x) -%}
case when length({{ id }}) = 15 then {{ id }}
    {%- for block in range(3) %}
    || substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1
        {%- for bit in range(5) %}
        + case when substr({{ id }}, {{ block * 5 + bit + 1 }}, 1) between 'A' and 'Z' then {{ 2 ** bit }} else 0 end
        {%- endfor %}, 1)
    {%- endfor %}
    else {{ id }} end
{%- endmacro %}

{# A cookie id as it is compared: trimmed, lower case, without the visitor prefix `v_`. R1.1. #}
{% macro normalise_cookie(x) -%}
{%- set id = 'lower(' ~ call_attribution.trim_text(x) ~ ')' -%}
nullif(case when substr({{ id }}, 1, 2) = 'v_' then substr({{ id }}, 3) else {{ id }} end, '')
{%- endmacro %}
