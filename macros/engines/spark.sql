{# The project's macros on Spark 3.5 and 4, with the results of DuckDB. dbt-spark turns ANSI mode off, so a failed cast is
   null; casts that may fail use try_cast, so both modes give the same result. Times have no zone (spark.sql.timestampType)
   and the session's zone is UTC: profiles.yml sets both. #}

{# Text #}

{# Literals use backslash escapes. #}
{% macro spark__escaped_literal(text) -%} '{{ text | replace('\\', '\\\\') | replace("'", "\\'") }}' {%- endmacro %}

{# Java's dialect. As on other engines, only a line feed ends a line (`(?d)`), `$` is the end of the text and not the place
   before its last line feed, and words consist of ASCII. #}
{% macro spark__pattern_literal(pattern) -%}
{%- set parts = [] -%}
{#- Every second part is literal. -#}
{%- for part in modules.re.split('(' ~ call_attribution.plain_characters() ~ ')', pattern) -%}
    {%- do parts.append(part if loop.index0 % 2 else part | replace('$', '\\z')) -%}
{%- endfor -%}
{{ call_attribution.escaped_literal('(?d)' ~ parts | join | replace('\\b', '(?:(?<=\\w)(?!\\w)|(?<!\\w)(?=\\w))')) }}
{%- endmacro %}

{% macro spark__matches_pattern(x, pattern) -%}
regexp_like({{ x }}, {{ call_attribution.pattern_literal(pattern) }})
{%- endmacro %}

{% macro spark__captured(x, pattern, group, any_case) -%}
regexp_extract({{ x }}, {{ call_attribution.pattern_literal(('(?iu)' if any_case else '') ~ pattern) }}, {{ group }})
{%- endmacro %}

{# In an array, so that text after the object makes the JSON invalid. get_json_object alone accepts single quotes. #}
{% macro spark__json_text(x, path) -%}
{%- set array = "'[' || " ~ x ~ " || ']'" -%}
{%- set strictly = "'array<map<string, string>>', map('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false')" -%}
nullif(case when from_json({{ array }}, {{ strictly }}) is not null then get_json_object({{ array }}, '$[0].{{ path }}') end, '')
{%- endmacro %}

{% macro spark__event_parameter(x, name) -%}
{%- set value = 'struct<string_value: string, int_value: string, double_value: string>' -%}
try_element_at(transform(
    filter(
        from_json({{ x }}, 'array<struct<key: string, value: {{ value }}>>'),
        parameter -> parameter.key = '{{ name }}'
    ),
    parameter -> coalesce(parameter.value.string_value, parameter.value.int_value, parameter.value.double_value)
), 1)
{%- endmacro %}

{# Does not test both ends first: an expression that repeats its value makes plans large. #}
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

{% macro spark__arrival_parameters(query, click_ids) -%}
array_join(array_sort(array_distinct(transform(
    filter(split({{ query }}, '&'), parameter -> {{ call_attribution.is_arrival_parameter('parameter', click_ids) }}),
    parameter -> {{ call_attribution.compared_parameter('parameter') }}
))), '&')
{%- endmacro %}

{% macro spark__decode_names(query) -%}
array_join(transform(
    split({{ query }}, '&'),
    parameter -> concat(
        {{ call_attribution.decoded_name("split_part(parameter, '=', 1)") }},
        substr(parameter, length(split_part(parameter, '=', 1)) + 1)
    )
), '&')
{%- endmacro %}

{# A `%` without two digits is literal. Bytes that are not UTF-8 become replacement characters; if there are more of them
   than in the input, the text did not decode. #}
{% macro spark__url_decode(x) -%}
{%- set escaped = "regexp_replace(replace(" ~ x ~ ", '+', ' '), '%(?![0-9A-Fa-f]{2})', '%25')" -%}
{%- set decoded = 'url_decode(' ~ escaped ~ ')' -%}
case
    when regexp_count({{ decoded }}, '\uFFFD') = regexp_count({{ x }}, '\uFFFD|(?i:%EF%BF%BD)') then {{ decoded }}
    else {{ x }}
end
{%- endmacro %}

{# Times #}

{# Casts the fields alone, because Spark reads fewer offsets than DuckDB. #}
{% macro spark__parse_timestamp(x) -%}
{%- set day = '^\\d{4}-\\d{1,2}-\\d{1,2}' -%}
{%- set moment = day ~ '[T ] *\\d{1,2}:\\d{1,2}(?::\\d{1,2}(?:[.]\\d*)?)?' -%}
{%- set clock = '^\\d{4}-\\d{2}-\\d{2} (0?[1-9]|1[0-2]):\\d{1,2}(?::\\d{1,2})? ([AaPp])[Mm]' -%}
{%- set offset = '([+-])(\\d{2})(?::?(\\d{2})(?::(\\d{2}))?)?$' -%}
{%- set fields = 'try_cast(regexp_extract(' ~ x ~ ', ' ~ call_attribution.pattern_literal(moment) ~ ', 0) as timestamp_ntz)' -%}
{%- set parts = [] -%}
{%- for part in range(5) -%}
    {%- do parts.append('regexp_extract(' ~ x ~ ', ' ~ call_attribution.pattern_literal(offset) ~ ', ' ~ part ~ ')') -%}
{%- endfor -%}
{%- set shift -%}
case {{ parts[1] }} when '-' then 1 else -1 end * (3600 * coalesce(try_cast({{ parts[2] }} as int), 0)
            + 60 * coalesce(try_cast({{ parts[3] }} as int), 0) + coalesce(try_cast({{ parts[4] }} as int), 0))
{%- endset -%}
{%- set hour = 'regexp_extract(' ~ x ~ ', ' ~ call_attribution.pattern_literal(clock) ~ ', 1)' -%}
{%- set half = 'regexp_extract(' ~ x ~ ', ' ~ call_attribution.pattern_literal(clock) ~ ', 2)' -%}
case
    when {{ x }} < '0001' and substr({{ x }}, 5, 1) = '-' then null
    when {{ call_attribution.matches_pattern(x, day ~ '$') }} then try_cast({{ x }} as timestamp_ntz)
    when {{ call_attribution.matches_pattern(x, moment ~ '(?: ?[Zz]| UTC)?$') }} then {{ fields }}
    when {{ call_attribution.matches_pattern(x, moment ~ ' ?' ~ offset) }} and {{ call_attribution.can_be_shifted(x) }}
        then timestampadd(second, {{ shift }}, {{ fields }})
    when {{ call_attribution.matches_pattern(x, clock ~ '(?: ' ~ offset ~ '|$)') }} and {{ call_attribution.can_be_shifted(x) }}
        then timestampadd(
            second,
            {{ shift }} + 43200 * (case upper({{ half }}) when 'P' then 1 else 0 end - case {{ hour }} when '12' then 1 else 0 end),
            {{ fields }}
        )
    when {{ call_attribution.matches_pattern(x, '^\\d+[.]?\\d*$') }}
        then {{ call_attribution.add_seconds("timestamp_ntz '1970-01-01 00:00:00'", call_attribution.epoch_text_us(x) ~ ' * 0.000001') }}
end
{%- endmacro %}

{# Java accepts numbers that DuckDB rejects, and rejects underscores between digits. #}
{% macro spark__parse_number(x) -%}
{%- set digits = '(?:\\d+(?:_\\d+)*)?' -%}
case when {{ call_attribution.matches_pattern(x, '^\\s*[+-]?' ~ digits ~ '(?:[.]' ~ digits ~ ')?(?:[eE][+-]?\\d{1,3})?\\s*$') }}
    then try_cast(replace({{ x }}, '_', '') as decimal(38, 12)) end
{%- endmacro %}

{# Spark 3.5 needs the cast; it changes nothing, because the session's zone is UTC. #}
{# to_json leaves nulls out. #}
{% macro spark__json_of_filled(names) -%}
nullif(to_json(named_struct(
    {%- for name in names -%}
    {{ call_attribution.escaped_literal(name) }}, nullif({{ call_attribution.quoted_name(name, '`') }}, ''){{ ', ' if not loop.last }}
    {%- endfor -%}
)), '{}')
{%- endmacro %}

{% macro spark__row_key(id) -%} cast(conv(substr(md5({{ id }}), 1, 15), 16, 10) as bigint) {%- endmacro %}

{% macro spark__epoch_us(x) -%} unix_micros(cast({{ x }} as timestamp_ltz)) {%- endmacro %}

{% macro spark__add_minutes(x, minutes) -%} timestampadd(minute, {{ minutes }}, {{ x }}) {%- endmacro %}

{# Not `timestampadd`, which overflows silently at 32 bits in Spark 3.5. #}
{% macro spark__add_seconds(x, seconds) -%}
({{ x }} + make_dt_interval(0, 0, 0, cast({{ seconds }} as decimal(18, 6))))
{%- endmacro %}

{% macro spark__days_between(a, b) -%} datediff({{ b }}, {{ a }}) {%- endmacro %}

{# Rows and groups #}

{# sequence() to a smaller number runs backwards. #}
{% macro spark__row_per_number(relation, lo, hi, name) -%}
select
    *,
    explode(case when {{ hi }} >= {{ lo }} then sequence({{ lo }}, {{ hi }}) end) as {{ name }}
from {{ relation }}
{%- endmacro %}

{% macro spark__row_per_part(relation, x, separator, name, number) -%}
{%- set parts = "split(" ~ x ~ ", '[" ~ separator ~ "]')" -%}
select
    *,
    {%- if number %}
    posexplode({{ parts }}) as ({{ number }}, {{ name }})
    {%- else %}
    explode({{ parts }}) as {{ name }}
    {%- endif %}
from {{ relation }}
{%- endmacro %}

{% macro spark__min_by(value, order, condition) -%}
min_by({{ value }}, {{ order }}) filter (where ({{ condition }}) and {{ value }} is not null)
{%- endmacro %}

{% macro spark__last_non_null(x, window) -%} last_value({{ x }}) ignore nulls over {{ window }} {%- endmacro %}

{# Spark 3.5 has no ordered listagg: sort an array of structs of order keys and text, then join the texts. #}
{% macro spark__ordered_listagg(x, order, separator) -%}
case when count({{ x }}) > 0 then array_join(
    transform(
        sort_array(
            collect_list(struct({% for key in order %}{{ key }} is null, {{ key }}, {% endfor %}{{ x }} as value))
            filter (where {{ x }} is not null)
        ),
        element -> element.value
    ),
    '{{ separator }}'
) end
{%- endmacro %}

{% macro spark__median(x) -%} cast(median({{ x }} * 1000000) as bigint) * 0.000001 {%- endmacro %}

{# The column that spark_dbt.sql adds to every seed. #}
{% macro spark__seed_row(seed) -%} _seed_row {%- endmacro %}

{# A set absorbs the sets that an edge connects. #}
{% macro spark__connected_components(pairs) -%}
{{ call_attribution.overlapping_edges(pairs) }}

select
    explode(nodes) as node,
    array_min(nodes) as component
from (
    select explode(aggregate(
        array_sort(collect_list(array(one, other))),
        cast(array() as array<array<bigint>>),
        (sets, edge) -> concat(
            filter(sets, nodes -> not arrays_overlap(nodes, edge)),
            array(array_distinct(concat(edge, flatten(filter(sets, nodes -> arrays_overlap(nodes, edge))))))
        )
    )) as nodes
    from overlapping
    group by overlap_number
) as sets
{%- endmacro %}

{# Numbers #}

{% macro spark__big_integer(x) -%} cast({{ x }} as decimal(38, 0)) {%- endmacro %}

{# Spark rounds quotients of decimals. Without the remainder, the quotient is an integer. #}
{% macro spark__integer_divide(a, b) -%}
cast((cast({{ a }} as decimal(38, 0)) - ({{ a }}) % ({{ b }})) / ({{ b }}) as decimal(38, 0))
{%- endmacro %}

{% macro spark__raise_if(problem) -%}
case when {{ problem }} is null then true else raise_error({{ problem }}) end
{%- endmacro %}
