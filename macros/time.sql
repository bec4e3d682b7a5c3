{# The latest of several times, null if all are. On Snowflake, greatest() alone is null if one of them is. #}
{% macro latest_of(times) -%}
{%- set never = "timestamp '0001-01-01 00:00:00'" -%}
nullif(greatest(
    {%- for time in times %}coalesce({{ time }}, {{ never }}){{ ', ' if not loop.last }}{% endfor -%}
), {{ never }})
{%- endmacro %}

{# Arithmetic on times. Elapsed time is the difference in microseconds, because date-difference functions count boundaries. #}

{# Microseconds since 1970, BIGINT. #}
{% macro epoch_us(x) %}{{ return(adapter.dispatch('epoch_us', 'call_attribution')(x)) }}{% endmacro %}
{% macro duckdb__epoch_us(x) -%} epoch_us({{ x }}) {%- endmacro %}

{# A time plus whole minutes, which can be negative. `minutes` is a number or a column. #}
{% macro add_minutes(x, minutes) %}{{ return(adapter.dispatch('add_minutes', 'call_attribution')(x, minutes)) }}{% endmacro %}
{% macro duckdb__add_minutes(x, minutes) -%} ({{ x }} + to_minutes({{ minutes }})) {%- endmacro %}

{# A time plus seconds, an exact number. #}
{% macro add_seconds(x, seconds) %}{{ return(adapter.dispatch('add_seconds', 'call_attribution')(x, seconds)) }}{% endmacro %}
{% macro duckdb__add_seconds(x, seconds) -%}
({{ x }} + to_microseconds(cast(round(({{ seconds }}) * 1000000) as bigint)))
{%- endmacro %}

{# A time plus the length of a call, which can be negative; the time itself if the result is outside the years 1 to 9999. Every
   program that reads a time can represent these years only (parse_timestamp): a call in the year 1 BC failed in later steps. #}
{% macro add_call_length(x, seconds) -%}
{%- set moved = call_attribution.add_seconds(x, seconds) -%}
case
    when {{ moved }} between timestamp '0001-01-01 00:00:00' and timestamp '9999-12-31 23:59:59.999999' then {{ moved }}
    else {{ x }}
end
{%- endmacro %}

{# Seconds from a to b, DECIMAL(18,6); negative if b is earlier. #}
{% macro seconds_between(a, b) -%}
cast(cast({{ call_attribution.epoch_us(b) }} - {{ call_attribution.epoch_us(a) }} as decimal(18, 0)) * 0.000001
     as decimal(18, 6))
{%- endmacro %}

{# Whole days from one date to another. #}
{% macro days_between(a, b) %}{{ return(adapter.dispatch('days_between', 'call_attribution')(a, b)) }}{% endmacro %}
{% macro duckdb__days_between(a, b) -%} date_diff('day', {{ a }}, {{ b }}) {%- endmacro %}

{# The mean of a DECIMAL(18,6), rounded half up by absolute value to microseconds. avg() returns a float on one engine and
   decimals of different lengths on others. #}
{% macro mean_seconds(x) -%}
{%- set sum_us = call_attribution.big_integer('sum(' ~ x ~ ') * 1000000') -%}
cast(
    case when sum({{ x }}) < 0 then -1 else 1 end
    * {{ call_attribution.integer_divide('2 * abs(' ~ sum_us ~ ') + count(' ~ x ~ ')', 'nullif(2 * count(' ~ x ~ '), 0)') }}
    * 0.000001 as decimal(18, 6)
)
{%- endmacro %}

{# One row per row of the relation and integer from lo to hi (column `name`). The caller can append a `where` clause. #}
{% macro row_per_number(relation, lo, hi, name) %}{{ return(adapter.dispatch('row_per_number', 'call_attribution')(relation, lo, hi, name)) }}{% endmacro %}
{% macro duckdb__row_per_number(relation, lo, hi, name) -%}
select
    *,
    unnest(range({{ lo }}, {{ hi }} + 1)) as {{ name }}
from {{ relation }}
{%- endmacro %}

{# Days from one time to another, rounded half up by absolute value to six decimals. In integers, because the quotient of two
   decimals is a float on one engine and has other decimals on another. #}
{% macro days_between_times(a, b) -%}
{%- set us = '(' ~ call_attribution.epoch_us(b) ~ ' - ' ~ call_attribution.epoch_us(a) ~ ')' -%}
cast(cast({{ call_attribution.integer_divide('2 * abs(' ~ us ~ ') + 86400', '2 * 86400') }}
        * case when {{ us }} < 0 then -1 else 1 end as decimal(18, 0)) * 0.000001 as decimal(18, 6))
{%- endmacro %}
