{# The project's macros on Snowflake. A time is TIMESTAMP_NTZ, Snowflake's default for `timestamp` (TIMESTAMP_TYPE_MAPPING).
   Patterns are POSIX with \d, \s, \w and \b: every group is numbered; lazy quantifiers and look-around do not exist. #}

{# Text #}

{# Literals use backslash escapes. #}
{% macro snowflake__escaped_literal(text) -%} '{{ text | replace('\\', '\\\\') | replace("'", "''") }}' {%- endmacro %}

{# Non-capturing groups become capturing ones, and lazy quantifiers greedy ones. #}
{% macro snowflake__pattern_literal(pattern) -%}
{{ call_attribution.escaped_literal(modules.re.sub(
    '(' ~ call_attribution.plain_characters() ~ ')|([*+?}])\\?|(\\()\\?:', '\\1\\2\\3', pattern)) }}
{%- endmacro %}

{% macro snowflake__matches_pattern(x, pattern) -%}
regexp_instr({{ x }}, {{ call_attribution.pattern_literal(pattern) }}) > 0
{%- endmacro %}

{% macro snowflake__captured(x, pattern, group, any_case) -%}
{#- The number of the group when non-capturing groups are numbered too. -#}
{%- set opened = modules.re.findall(call_attribution.plain_characters() ~ '|\\((?:\\?:)?', pattern) | select('in', ['(', '(?:']) -%}
{%- set counted = namespace(own=0, all=0, number=0) -%}
{%- for one in opened -%}
    {%- set counted.all = counted.all + 1 -%}
    {%- if one == '(' -%}
        {%- set counted.own = counted.own + 1 -%}
        {%- if counted.own == group -%} {%- set counted.number = counted.all -%} {%- endif -%}
    {%- endif -%}
{%- endfor -%}
regexp_substr({{ x }}, {{ call_attribution.pattern_literal(pattern) }}, 1, 1, '{{ 'ie' if any_case else 'e' }}', {{ counted.number }})
{%- endmacro %}

{% macro snowflake__json_text(x, path) -%}
nullif(cast(get_path(try_parse_json({{ x }}), '{{ path }}') as varchar), '')
{%- endmacro %}

{% macro snowflake__event_parameter(x, name) -%}
{%- set found = "get(filter(try_cast(try_parse_json(" ~ x ~ ") as array), parameter -> get(parameter, 'key') = '" ~ name ~ "'), 0)" -%}
coalesce(
    {%- for kind in ['string_value', 'int_value', 'double_value'] %}
    cast(get_path({{ found }}, 'value.{{ kind }}') as varchar){{ ',' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}

{% macro snowflake__trim_characters(x, characters, side) -%}
{{ {'both': 'trim', 'trailing': 'rtrim'}[side] }}({{ x }}, {{ characters }})
{%- endmacro %}

{# Testing both ends first saves nothing here, and would repeat the expression three times. #}
{% macro snowflake__trim_text(x) -%}
nullif({{ call_attribution.trim_characters(x, call_attribution.unicode_white_space()) }}, '')
{%- endmacro %}

{% macro snowflake__parameter_names(query) -%}
lower(array_to_string(transform(
    filter(
        split({{ query }}, '&'),
        parameter -> split_part(cast(parameter as varchar), '=', 2) <> ''
            or lower(substr(cast(parameter as varchar), 1, 4)) = 'utm_'
    ),
    parameter -> split_part(cast(parameter as varchar), '=', 1)
), '&'))
{%- endmacro %}

{% macro snowflake__arrival_parameters(query, click_ids) -%}
array_to_string(array_sort(array_distinct(transform(
    filter(
        split({{ query }}, '&'),
        parameter -> {{ call_attribution.is_arrival_parameter('cast(parameter as varchar)', click_ids) }}
    ),
    parameter -> {{ call_attribution.compared_parameter('cast(parameter as varchar)') }}
))), '&')
{%- endmacro %}

{% macro snowflake__decode_names(query) -%}
array_to_string(transform(
    split({{ query }}, '&'),
    parameter -> {{ call_attribution.decoded_name("split_part(cast(parameter as varchar), '=', 1)") }}
        || substr(cast(parameter as varchar), length(split_part(cast(parameter as varchar), '=', 1)) + 1)
), '&')
{%- endmacro %}

{# As hexadecimal text, an escape consists of its own digits. The first part gets an escape too, which the end removes.
   Digits that are not UTF-8 decode to null. #}
{% macro snowflake__url_decode(x) -%}
coalesce(
    substr(try_hex_decode_string(array_to_string(transform(
        split('20' || replace({{ x }}, '+', ' '), '%'),
        part -> case
            when regexp_instr(cast(part as varchar), '^[0-9A-Fa-f]{2}') = 1
                then substr(cast(part as varchar), 1, 2) || hex_encode(substr(cast(part as varchar), 3))
            else '25' || hex_encode(cast(part as varchar))
        end
    ), '')), 2),
    {{ x }}
)
{%- endmacro %}

{# Times #}

{# Brings the fields into the form that every cast reads; the text after them decides which cast applies. #}
{% macro snowflake__parse_timestamp(x) -%}
{%- set day = '^(\\d{4})-(\\d{1,2})-(\\d{1,2})' -%}
{%- set moment = day ~ '[T ](\\d{1,2}):(\\d{1,2})(:(\\d{1,2})([.]\\d*)?)?' -%}
{%- set clock = '^(\\d{4})-(\\d{2})-(\\d{2}) (0?[1-9]|1[0-2]):\\d{1,2}(:\\d{1,2})? ([AaPp])[Mm]' -%}
{%- set offset = '([+-])(\\d{2})(:?(\\d{2})(:(\\d{2}))?)?$' -%}
{%- set fields, parts = [], [] -%}
{%- for number in range(1, 9) -%}
    {%- do fields.append("lpad(coalesce(" ~ call_attribution.captured(x, moment, number) ~ ", '0'), 2, '0')") -%}
{%- endfor -%}
{%- for number in range(1, 7) -%}
    {%- do parts.append(call_attribution.captured(x, offset, number)) -%}
{%- endfor -%}
{%- set date_fields = [] -%}
{%- for number in range(1, 4) -%}
    {%- do date_fields.append("lpad(" ~ call_attribution.captured(x, day, number) ~ ", " ~ (4 if number == 1 else 2) ~ ", '0')") -%}
{%- endfor -%}
{%- set date_text = date_fields | join(" || '-' || ") -%}
{%- set time_text = [fields[3], fields[4], fields[6]] | join(" || ':' || ") -%}
{%- set fraction = "rpad(coalesce(" ~ call_attribution.captured(x, moment, 8) ~ ", '.'), 7, '0')" -%}
{%- set read = 'try_cast(' ~ date_text ~ " || ' ' || " ~ time_text ~ ' || ' ~ fraction ~ ' as timestamp_ntz)' -%}
{%- set shift -%}
case {{ parts[0] }} when '-' then 1 else -1 end * (3600 * cast(coalesce({{ parts[1] }}, '0') as integer)
            + 60 * cast(coalesce({{ parts[3] }}, '0') as integer) + cast(coalesce({{ parts[5] }}, '0') as integer))
{%- endset -%}
case
    when {{ x }} < '0001' and substr({{ x }}, 5, 1) = '-' then null
    when {{ call_attribution.matches_pattern(x, day ~ '$') }} then try_cast({{ date_text }} as timestamp_ntz)
    when {{ call_attribution.matches_pattern(x, moment ~ '( ?[Zz]| UTC)?$') }} then {{ read }}
    when {{ call_attribution.matches_pattern(x, moment ~ ' ?' ~ offset) }} and {{ call_attribution.can_be_shifted(x) }}
        then dateadd(second, {{ shift }}, {{ read }})
    when {{ call_attribution.matches_pattern(x, clock ~ '( ' ~ offset ~ '|$)') }} and {{ call_attribution.can_be_shifted(x) }}
        then dateadd(
            second,
            {{ shift }} + 43200 * (
                case upper({{ call_attribution.captured(x, clock, 6) }}) when 'P' then 1 else 0 end
                - case {{ call_attribution.captured(x, clock, 4) }} when '12' then 1 else 0 end
            ),
            {{ read }}
        )
    when {{ call_attribution.matches_pattern(x, '^\\d+[.]?\\d*$') }} then dateadd(
        microsecond,
        {{ call_attribution.epoch_text_us(x) }},
        timestamp '1970-01-01 00:00:00'
    )
end
{%- endmacro %}

{# Snowflake does not read underscores between digits. #}
{% macro snowflake__parse_number(x) -%}
{%- set digits = '(\\d+(_\\d+)*)?' -%}
case when {{ call_attribution.matches_pattern(x, '^\\s*[+-]?' ~ digits ~ '([.]' ~ digits ~ ')?([eE][+-]?\\d{1,3})?\\s*$') }}
    then try_cast({{ call_attribution.trim_text("replace(" ~ x ~ ", '_', '')") }} as decimal(38, 12)) end
{%- endmacro %}

{# object_construct leaves nulls out, and sorts its keys. #}
{% macro snowflake__json_of_filled(names) -%}
nullif(to_json(object_construct(
    {%- for name in names -%}
    {{ call_attribution.escaped_literal(name) }}, nullif({{ call_attribution.quoted_name(name, '"') }}, ''){{ ', ' if not loop.last }}
    {%- endfor -%}
)), '{}')
{%- endmacro %}

{% macro snowflake__row_key(id) -%} to_number(substr(md5({{ id }}), 1, 15), 'XXXXXXXXXXXXXXX') {%- endmacro %}

{% macro snowflake__epoch_us(x) -%} date_part(epoch_microsecond, {{ x }}) {%- endmacro %}

{% macro snowflake__add_minutes(x, minutes) -%} dateadd(minute, {{ minutes }}, {{ x }}) {%- endmacro %}

{% macro snowflake__add_seconds(x, seconds) -%}
dateadd(microsecond, cast(round(({{ seconds }}) * 1000000) as bigint), {{ x }})
{%- endmacro %}

{% macro snowflake__days_between(a, b) -%} datediff(day, {{ a }}, {{ b }}) {%- endmacro %}

{# Rows and groups #}

{% macro snowflake__row_per_number(relation, lo, hi, name) -%}
select
    input_rows.*,
    cast(numbers.value as bigint) as {{ name }}
from {{ relation }} as input_rows, lateral flatten(input => array_generate_range({{ lo }}, {{ hi }} + 1)) as numbers
{%- endmacro %}

{% macro snowflake__row_per_part(relation, x, separator, name, number) -%}
select
    input_rows.*,
    {{ 'parts.index as ' ~ number ~ ',' if number }}
    cast(parts.value as varchar) as {{ name }}
from {{ relation }} as input_rows, lateral flatten(input => split(input_rows.{{ x }}, '{{ separator }}')) as parts
{%- endmacro %}

{# min_by ignores rows whose order is null. #}
{% macro snowflake__min_by(value, order, condition) -%}
min_by({{ value }}, case when ({{ condition }}) and {{ value }} is not null then {{ order }} end)
{%- endmacro %}

{% macro snowflake__last_non_null(x, window) -%} last_value({{ x }}) ignore nulls over {{ window }} {%- endmacro %}

{# Without values, Snowflake returns '' instead of null. #}
{% macro snowflake__ordered_listagg(x, order, separator) -%}
case when count({{ x }}) > 0 then listagg({{ x }}, '{{ separator }}') within group (order by {{ order | join(' nulls last, ') }} nulls last) end
{%- endmacro %}

{% macro snowflake__median(x) -%}
{%- set median_us = 'median(cast(cast(' ~ x ~ ' as decimal(38, 6)) * 1000000 as decimal(38, 1)))' -%}
({{ median_us }} - mod({{ median_us }}, 1)) * 0.000001
{%- endmacro %}

{# The column that snowflake_dbt.sql adds to every seed. #}
{% macro snowflake__seed_row(seed) -%} _seed_row {%- endmacro %}

{# A set absorbs the sets that an edge connects. #}
{% macro snowflake__connected_components(pairs) -%}
{{ call_attribution.overlapping_edges(pairs) }}

select
    cast(members.value as bigint) as node,
    cast(array_min(sets.value) as bigint) as component
from (
    select reduce(
        array_agg(array_construct(one, other)) within group (order by one, other),
        array_construct(),
        (sets, edge) -> array_append(
            filter(sets, nodes -> not arrays_overlap(cast(nodes as array), cast(edge as array))),
            array_distinct(array_cat(
                cast(edge as array),
                array_flatten(filter(sets, nodes -> arrays_overlap(cast(nodes as array), cast(edge as array))))
            ))
        )
    ) as found
    from overlapping
    group by overlap_number
) as folded,
lateral flatten(input => folded.found) as sets,
lateral flatten(input => sets.value) as members
{%- endmacro %}

{# Numbers #}

{% macro snowflake__big_integer(x) -%} cast({{ x }} as decimal(38, 0)) {%- endmacro %}

{# Snowflake rounds quotients to six decimals. Without the remainder, the quotient is an integer. #}
{% macro snowflake__integer_divide(a, b) -%}
cast((cast({{ a }} as decimal(38, 0)) - mod({{ a }}, {{ b }})) / ({{ b }}) as decimal(38, 0))
{%- endmacro %}

{# Snowflake has no function that raises an error. Casting the text to boolean fails, and the message contains the text. #}
{% macro snowflake__raise_if(problem) -%}
case when {{ problem }} is null then true else cast({{ problem }} as boolean) end
{%- endmacro %}
