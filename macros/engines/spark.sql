{# How Spark 4 spells what the macros of this project mean. It is asked to work as DuckDB does: dbt-spark turns ANSI mode
   off, in which a cast that fails is null; what must not fail says so itself, so that either mode gives the same. Times
   have no zone (spark.sql.timestampType) and the session's zone is UTC: profiles.yml sets both. #}

{# Text #}

{# A backslash in a literal is an escape. #}
{% macro spark__text_literal(text) -%} '{{ text | replace('\\', '\\\\') | replace("'", "\\'") }}' {%- endmacro %}

{# Java's flavour; `(?d)`: as elsewhere, only a line feed ends a line. #}
{% macro spark__pattern_literal(pattern) -%} {{ call_attribution.text_literal('(?d)' ~ pattern) }} {%- endmacro %}

{% macro spark__matches_pattern(x, pattern) -%}
regexp_like({{ x }}, {{ call_attribution.pattern_literal(pattern) }})
{%- endmacro %}

{% macro spark__first_match(x, pattern) -%}
nullif(regexp_extract({{ x }}, {{ call_attribution.pattern_literal('(?iu)' ~ pattern) }}, 1), '')
{%- endmacro %}

{# Inside an array, so that text after the object makes it no JSON. #}
{% macro spark__json_text(x, path) -%}
nullif(get_json_object('[' || {{ x }} || ']', '$[0].{{ path }}'), '')
{%- endmacro %}

{# Without a look at both ends first: an expression that names its value once keeps plans small. #}
{% macro spark__trim_text(x) -%}
nullif(trim(both {{ call_attribution.unicode_white_space() }} from {{ x }}), '')
{%- endmacro %}

{% macro spark__parameter_names(query) -%}
lower(array_join(transform(
    filter(
        split({{ query }}, '&'),
        parameter -> split_part(parameter, '=', 2) <> '' or lower(substr(parameter, 1, 4)) = 'utm_'
    ),
    parameter -> split_part(parameter, '=', 1)
), '&'))
{%- endmacro %}

{# A lone `%` stands for itself. Bytes that are no UTF-8 become replacement characters; more of them than were written
   tell of it. #}
{% macro spark__url_decode(x) -%}
{%- set escaped = "regexp_replace(replace(" ~ x ~ ", '+', ' '), '%(?![0-9A-Fa-f]{2})', '%25')" -%}
{%- set decoded = 'try_url_decode(' ~ escaped ~ ')' -%}
case
    when regexp_count({{ decoded }}, '\uFFFD') = regexp_count({{ x }}, '\uFFFD|(?i:%EF%BF%BD)') then {{ decoded }}
    else {{ x }}
end
{%- endmacro %}

{# Times #}

{# A cast to TIMESTAMP_NTZ reads the fields and passes over a zone; what stands after them decides the cast. #}
{% macro spark__parse_timestamp(x) -%}
{%- set moment = '^\\d{4}-\\d{1,2}-\\d{1,2}[T ] *\\d{1,2}:\\d{1,2}(?::\\d{1,2}(?:[.]\\d*)?)?' -%}
{%- set number = 'try_cast(' ~ x ~ ' as decimal(30, 6))' -%}
case
    when {{ call_attribution.matches_pattern(x, '^\\d{4}-\\d{1,2}-\\d{1,2}$|' ~ moment ~ '(?:Z|z| UTC)?$') }}
        then try_cast({{ x }} as timestamp_ntz)
    when {{ call_attribution.matches_pattern(x, moment ~ ' ?[+-]\\d{2}(?:\\d{2}|:\\d{2}(?::\\d{2})?)?$') }}
        then cast(try_cast(replace({{ x }}, ' ', 'T') as timestamp_ltz) as timestamp_ntz)
    when {{ call_attribution.matches_pattern(x, '^\\d+[.]?\\d*$') }} then
        timestampadd(microsecond, cast(round(case length(split_part({{ x }}, '.', 1))
            when 9 then {{ number }} * 1000000
            when 10 then {{ number }} * 1000000
            when 12 then {{ number }} * 1000
            when 13 then {{ number }} * 1000
            when 16 then {{ number }}
        end) as bigint), timestamp_ntz '1970-01-01 00:00:00')
end
{%- endmacro %}

{# What Java takes for a number is more than digits. #}
{% macro spark__parse_number(x) -%}
case when {{ call_attribution.matches_pattern(x, '^\\s*[+-]?[0-9_]*[.]?[0-9_]*(?:[eE][+-]?\\d{1,3})?\\s*$') }}
    then try_cast({{ x }} as decimal(38, 12)) end
{%- endmacro %}

{% macro spark__epoch_us(x) -%} unix_micros({{ x }}) {%- endmacro %}

{% macro spark__add_minutes(x, minutes) -%} timestampadd(minute, {{ minutes }}, {{ x }}) {%- endmacro %}

{% macro spark__add_seconds(x, seconds) -%}
timestampadd(microsecond, cast(round(({{ seconds }}) * 1000000) as bigint), {{ x }})
{%- endmacro %}

{% macro spark__days_between(a, b) -%} datediff({{ b }}, {{ a }}) {%- endmacro %}

{# Rows and groups #}

{# A sequence to a smaller number would run backwards. #}
{% macro spark__unnest_range(lo, hi) -%}
explode(case when {{ hi }} >= {{ lo }} then sequence({{ lo }}, {{ hi }}) end)
{%- endmacro %}

{% macro spark__unnest_split(x, separator) -%} explode(split({{ x }}, '[{{ separator }}]')) {%- endmacro %}

{% macro spark__first_by(value, order, condition) -%}
min_by({{ value }}, {{ order }}) filter (where ({{ condition }}) and {{ value }} is not null)
{%- endmacro %}

{% macro spark__last_known(x, window) -%} last_value({{ x }}) ignore nulls over {{ window }} {%- endmacro %}

{% macro spark__joined_text(x, order) -%} listagg({{ x }}, ', ') within group (order by {{ order }}) {%- endmacro %}

{% macro spark__median(x) -%} cast(median({{ x }} * 1000000) as bigint) * 0.000001 {%- endmacro %}

{# Written beside every seed's rows (macros/engines/spark_dbt.sql). #}
{% macro spark__seed_row() -%} _seed_row {%- endmacro %}

{# Numbers #}

{% macro spark__big_integer(x) -%} cast({{ x }} as decimal(38, 0)) {%- endmacro %}

{# A quotient of decimals is rounded; without the remainder there is nothing to round. #}
{% macro spark__whole_quotient(a, b) -%}
cast((cast({{ a }} as decimal(38, 0)) - ({{ a }}) % ({{ b }})) / ({{ b }}) as decimal(38, 0))
{%- endmacro %}

{% macro spark__stop_if(problem) -%}
case when {{ problem }} is null then true else raise_error({{ problem }}) end
{%- endmacro %}
