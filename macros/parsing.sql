{# Parses text. Raw tables contain the source's text, trimmed, with null for blank. These macros alone define what it means,
   for models and for landing, which renders them to compare versions and to list values that do not cast. Engines cast
   differently, so the macros are dispatched. #}

{# R1.1: trims Unicode white space (property White_Space); blank becomes null. #}
{% macro trim_text(x) %}{{ return(adapter.dispatch('trim_text', 'call_attribution')(x)) }}{% endmacro %}

{# One literal, because a chain of chr() made every statement ten times as long and slow to bind. #}
{% macro unicode_white_space() -%}
{{ "'\u0009\u000a\u000b\u000c\u000d\u0020\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'" }}
{%- endmacro %}

{# Trimming a set of characters costs 0.5 microseconds per value; testing both ends costs a tenth of that. `[-1]` is faster
   than `right`, and DuckDB evaluates it once per distinct value of a dictionary: 0.4 instead of 2.8 CPU seconds per million
   rows of 25 texts. #}
{% macro duckdb__trim_text(x) -%}
case
    when ascii({{ x }}) between 33 and 126 and ascii(({{ x }})[-1]) between 33 and 126 then {{ x }}
    else nullif(trim({{ x }}, {{ call_attribution.unicode_white_space() }}), '')
end
{%- endmacro %}

{% macro default__trim_text(x) -%}
case
    when ascii({{ x }}) between 33 and 126 and ascii(right({{ x }}, 1)) between 33 and 126 then {{ x }}
    else nullif({{ call_attribution.trim_characters(x, call_attribution.unicode_white_space()) }}, '')
end
{%- endmacro %}

{# A text without the characters of a literal at both ends, or only at its end (`trailing`). #}
{% macro trim_characters(x, characters, side='both') %}{{ return(adapter.dispatch('trim_characters', 'call_attribution')(x, characters, side)) }}{% endmacro %}
{% macro default__trim_characters(x, characters, side) -%} trim({{ side }} {{ characters }} from {{ x }}) {%- endmacro %}

{# Text to TIMESTAMP in UTC, with microseconds; null if it is not a time. Reads `2018-08-27T18:30:25.000+0000`, `...Z`,
   `2018-08-27 18:30:25[.ffffff][ Z]` (UTC), `2018-08-27 06:30 PM -04:00`, a date alone (midnight), epoch seconds, milliseconds
   and microseconds. Only the years 1 to 9999, which every engine and program can hold: a year 0 once failed every run. #}
{% macro parse_timestamp(x) %}{{ return(adapter.dispatch('parse_timestamp', 'call_attribution')(x)) }}{% endmacro %}

{# Whether the time, moved by an offset of less than a day, stays within the years 1 to 9999. #}
{% macro can_be_shifted(x) -%} {{ x }} between '0001-01-02' and '9999-12-31' {%- endmacro %}

{# A cast to TIMESTAMP ignores offsets and unknown zone names, so the text after the date decides which cast applies. The
   first two branches are for speed. They read almost all times: `2018-08-27 18:30:25` in 0.08 microseconds, with a fraction
   in 0.15 instead of 0.36, with `Z` in 0.16 instead of 0.70, and with `+0000` in 0.19 instead of 1.86. #}
{% macro duckdb__parse_timestamp(x) -%}
{%- set utc = '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+]00:?00| UTC)?$' -%}
case
    when length({{ x }}) = 19 and substr({{ x }}, 17, 1) = ':' and substr({{ x }}, 5, 1) = '-' and {{ x }} >= '0001'
        then try_cast({{ x }} as timestamp)
    when {{ call_attribution.matches_pattern(x, utc) }} and {{ call_attribution.can_be_shifted(x) }}
        then try_cast({{ x }} as timestamp)
    when substr({{ x }}, 5, 1) = '-' and {{ x }} >= '0001' then
        case translate(substr({{ x }}, 12), '0123456789:.', '')
            when '' then try_cast({{ x }} as timestamp)
            when 'Z' then try_cast({{ x }} as timestamp)
            when 'z' then try_cast(upper({{ x }}) as timestamp)
            when ' UTC' then try_cast({{ x }} as timestamp)
            when ' Z' then try_cast({{ x }} as timestamp)
            when ' z' then try_cast({{ x }} as timestamp)
            else case when {{ call_attribution.can_be_shifted(x) }} then
                case upper(translate(substr({{ x }}, 12), '0123456789:.', ''))
                    when '+' then try_cast({{ x }} as timestamptz) at time zone 'UTC'
                    when '-' then try_cast({{ x }} as timestamptz) at time zone 'UTC'
                    when ' +' then try_cast(replace({{ x }}, ' +', '+') as timestamptz) at time zone 'UTC'
                    when ' -' then try_cast(replace({{ x }}, ' -', '-') as timestamptz) at time zone 'UTC'
                    {% for half in ['AM', 'PM'] -%}
                    when ' {{ half }}' then {{ call_attribution.twelve_hour_time(x, '') }}
                    when ' {{ half }} +' then {{ call_attribution.twelve_hour_time(x, ' %z') }}
                    when ' {{ half }} -' then {{ call_attribution.twelve_hour_time(x, ' %z') }}
                    {% endfor -%}
                end
            end
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

{# A time with AM or PM. `%I` reads the hours 13 to 23 too, which no clock of twelve hours shows. #}
{% macro twelve_hour_time(x, offset) -%}
case when try_cast(substr(split_part({{ x }}, ':', 1), 12) as integer) between 1 and 12
    then try_strptime({{ x }}, ['%Y-%m-%d %I:%M %p{{ offset }}', '%Y-%m-%d %I:%M:%S %p{{ offset }}'])
        {%- if offset %} at time zone 'UTC'{% endif %} end
{%- endmacro %}

{# Seconds, milliseconds or microseconds since 1970, distinguished by their number of digits, as microseconds. For engines
   without DuckDB's make_timestamp. #}
{% macro epoch_text_us(x) -%}
{%- set number = 'try_cast(' ~ x ~ ' as decimal(30, 6))' -%}
cast(round(case length(split_part({{ x }}, '.', 1))
            when 9 then {{ number }} * 1000000
            when 10 then {{ number }} * 1000000
            when 12 then {{ number }} * 1000
            when 13 then {{ number }} * 1000
            when 16 then {{ number }}
        end) as bigint)
{%- endmacro %}

{# R1.3: whether the text is a date without a time of day. #}
{% macro is_date_only(x) -%}
(substr({{ x }}, 5, 1) = '-' and position(':' in {{ x }}) = 0)
{%- endmacro %}

{# Text to DATE: the UTC day of the time that parse_timestamp reads. #}
{% macro parse_date(x) -%}
cast({{ call_attribution.parse_timestamp(x) }} as date)
{%- endmacro %}

{# Text to BOOLEAN; null if it is neither true nor false. Data frames write a flag with gaps as 1.0 and 0.0. #}
{% macro parse_boolean(x) -%}
case lower(trim({{ x }}))
    when 'true' then true when 't' then true when '1' then true when '1.0' then true when 'yes' then true when 'y' then true
    when 'false' then false when 'f' then false when '0' then false when '0.0' then false when 'no' then false when 'n' then false
end
{%- endmacro %}

{# Text to an exact number, DECIMAL(38,12); null if it is not a number. #}
{% macro parse_number(x) %}{{ return(adapter.dispatch('parse_number', 'call_attribution')(x)) }}{% endmacro %}

{% macro default__parse_number(x) -%}
try_cast({{ x }} as decimal(38, 12))
{%- endmacro %}

{# R16.1: text to the first day of a month: `Aug-17`, `Aug 2017`, `August 2017`, `2017-08`, or a date in the month; null if
   it is none. `17-Aug` is the 17th of August. Loaders make `aug_17` and `_2017_08` of column names. #}
{% macro parse_month(x) -%}
{%- set digits = "translate(lower(" ~ x ~ "), 'abcdefghijklmnopqrstuvwxyz-/_ ', '')" -%}
try_cast(case
    when {{ call_attribution.matches_pattern(x, '^_?[A-Za-z]+[-/_ ]?([0-9]{2}|[1-9][0-9]{3})$') }} then
        case when length({{ digits }}) = 2 then '20' else '' end || {{ digits }} || case translate(lower({{ x }}), '0123456789-/_ ', '')
            {%- for name in ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october',
                'november', 'december'] %}
            {%- set day = "'-%02d-01'" | format(loop.index) %}
            when '{{ name }}' then {{ day }} when '{{ name[:3] }}' then {{ day }}
            {%- endfor %}
            when 'sept' then '-09-01'
        end
    when {{ call_attribution.matches_pattern(x, '^_?[1-9][0-9]{3}[-_][0-9]{2}([-_][0-9]{2}.*)?$') }}
        then substr({{ digits }}, 1, 4) || '-' || substr({{ digits }}, 5, 2) || '-01'
end as date)
{%- endmacro %}

{# R16.1: text to a cost, DECIMAL(38,12), without currency signs, a currency code before or after it, and thousands separators;
   null if it is not a number, negative, or larger than any budget. A comma before other than three digits could be a decimal
   comma, and `5k` is not 5: nothing is guessed. Spreadsheets print zero as a dash. #}
{% macro parse_cost(x) -%}
{%- set amount = "trim(translate(upper(" ~ x ~ "), '\u00a0\u202fABCDEFGHIJKLMNOPQRSTUVWXYZŁČ$€£¥₹₽₩₺₪₴₫฿¢', '  '))" -%}
{%- set number = "translate(" ~ amount ~ ", ',''’ ', '')" -%}
{%- set forms = ['[0-9]+([.][0-9]*)?', '[.][0-9]+', "[0-9]{1,3}([,'’ ][0-9]{3})+([.][0-9]*)?", '[0-9]{1,2}(,[0-9]{2})+,[0-9]{3}([.][0-9]*)?'] -%}
{#- After a number, any three letters could be a factor: `5 mil`. -#}
{%- set codes_after = 'USD|EUR|GBP|CHF|CAD|AUD|NZD|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|ILS|ZAR|BRL|MXN|SGD|HKD|KRW|THB'
    ~ '|AED|KR|ZŁ|KČ' -%}
case
    when {{ amount }} in ('-', '–', '—') then 0
    when {{ call_attribution.matches_pattern(amount, '^(' ~ forms | join('|') ~ ')$') }}
        and (
            {{ call_attribution.matches_pattern(x, '^ *([A-Za-z]{3}|[A-Za-z]{1,2}[$]|[Rr]s)?[^A-Za-zŁłČč]*$') }}
            or {{ call_attribution.matches_pattern('upper(' ~ x ~ ')', '^[^A-ZŁČ]*[^A-ZŁČ ] *(' ~ codes_after ~ ') *$') }}
        )
        and length(split_part({{ number }}, '.', 1)) <= 12
        then {{ call_attribution.parse_number(number) }}
end
{%- endmacro %}

{# Text to the length of a call in seconds; null if no call can have that length. #}
{% macro parse_seconds(x) -%}
case when {{ call_attribution.parse_number(x) }} between 0 and 1000000000 then {{ call_attribution.parse_number(x) }} end
{%- endmacro %}

{# R1.1: the 18-character form of a Salesforce id. Three checksum characters follow the fifteen, one per five characters: a
   bit for each capital letter, the first one lowest, gives the number of the checksum character. An id of another length
   does not change. #}
{% macro salesforce_id(x) -%}
{%- set id = call_attribution.trim_text(x) -%}
{%- set capitals, others = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz0123456789' -%}
{%- set bits = "translate(" ~ id ~ ", '" ~ capitals ~ others ~ "', '" ~ '1' * 26 ~ '0' * 36 ~ "')" -%}
{%- set checksums = [] -%}
{%- for number in range(32) -%}
    {%- set pattern = namespace(bits='') -%}
    {%- for bit in range(5) -%}
        {%- set pattern.bits = pattern.bits ~ (number // 2 ** bit) % 2 -%}
    {%- endfor -%}
    {%- do checksums.append(pattern.bits ~ '=' ~ 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'[number]) -%}
{%- endfor -%}
{%- set lookup = "'" ~ checksums | join(' ') ~ "'" -%}
case
    when length({{ id }}) = 15 and translate({{ id }}, '{{ capitals ~ others }}', '') = '' then {{ id }}
    {%- for start in [1, 6, 11] %}
    || substr({{ lookup }}, position(substr({{ bits }}, {{ start }}, 5) || '=' in {{ lookup }}) + 6, 1)
    {%- endfor %}
    else {{ id }}
end
{%- endmacro %}

{# A part of a composed key, whose parts are separated by slashes. #}
{% macro key_part(x) -%} replace(replace({{ x }}, '%', '%25'), '/', '%2F') {%- endmacro %}

{# R1.1: a cookie id, trimmed, in lower case, without the visitor prefix `v_`. A script that adds the prefix to a missing id writes
   `v_null`, which would make one visitor of many. Words for null have 9 characters at most: looking at the length first takes
   0.2 instead of 0.3 microseconds an id. #}
{% macro normalise_cookie(x) -%}
{%- set id = 'lower(' ~ call_attribution.trim_text(x) ~ ')' -%}
{%- set is_null_word = call_attribution.matches_pattern(id, '^v_' ~ call_attribution.null_words() ~ '$') -%}
nullif(case
    when substr({{ id }}, 1, 2) <> 'v_' then {{ id }}
    when length({{ id }}) > 11 or not {{ is_null_word }} then substr({{ id }}, 3)
end, '')
{%- endmacro %}

{# The columns that landing writes beside the source's own: those of TECHNICAL_COLUMNS in orchestration/lib/landing/contract.py. #}
{% macro landing_columns() -%}
    {{- return(['_row_key', '_version_at', '_is_deleted', '_source_file', '_source_revision', '_source_line', '_loaded_at',
        '_load_id', '_content_hash']) -}}
{%- endmacro %}
