{# Arithmetic on times. Elapsed time is always counted in microseconds; date-difference functions count boundaries. #}

{# Microseconds since 1970, BIGINT. #}
{% macro epoch_us(x) %}{{ return(adapter.dispatch('epoch_us', 'call_attribution')(x)) }}{% endmacro %}
{% macro duckdb__epoch_us(x) -%} epoch_us({{ x }}) {%- endmacro %}

{# A time some whole minutes later (or earlier, when negative). `minutes` is a number or a column. #}
{% macro add_minutes(x, minutes) %}{{ return(adapter.dispatch('add_minutes', 'call_attribution')(x, minutes)) }}{% endmacro %}
{% macro duckdb__add_minutes(x, minutes) -%} ({{ x }} + to_minutes({{ minutes }})) {%- endmacro %}

{# A time some seconds (exact number) later. #}
{% macro add_seconds(x, seconds) %}{{ return(adapter.dispatch('add_seconds', 'call_attribution')(x, seconds)) }}{% endmacro %}
{% macro duckdb__add_seconds(x, seconds) -%}
({{ x }} + to_microseconds(cast(round(({{ seconds }}) * 1000000) as bigint)))
{%- endmacro %}

{# Seconds from a to b, DECIMAL(18,6), negative when b is earlier. #}
{% macro seconds_between(a, b) -%}
cast(cast({{ call_attribution.epoch_us(b) }} - {{ call_attribution.epoch_us(a) }} as decimal(18, 0)) * 0.000001
     as decimal(18, 6))
{%- endmacro %}

{# Whole days from one date to another. #}
{% macro days_between(a, b) %}{{ return(adapter.dispatch('days_between', 'call_attribution')(a, b)) }}{% endmacro %}
{% macro duckdb__days_between(a, b) -%} date_diff('day', {{ a }}, {{ b }}) {%- endmacro %}

{# The mean of a DECIMAL(18,6), half up by the absolute value, in whole microseconds: avg() is a float on one engine and a
   decimal of other length on the next. #}
{% macro mean_seconds(x) -%}
{%- set sum_us = call_attribution.big_integer('sum(' ~ x ~ ') * 1000000') -%}
cast(
    case when sum({{ x }}) < 0 then -1 else 1 end
    * {{ call_attribution.integer_divide('2 * abs(' ~ sum_us ~ ') + count(' ~ x ~ ')', 'nullif(2 * count(' ~ x ~ '), 0)') }}
    * 0.000001 as decimal(18, 6)
)
{%- endmacro %}

{# The rows of a relation, once for every whole number from lo to hi (column `name`). A query to which the caller may add
   a condition. #}
{% macro row_per_number(relation, lo, hi, name) %}{{ return(adapter.dispatch('row_per_number', 'call_attribution')(relation, lo, hi, name)) }}{% endmacro %}
{% macro duckdb__row_per_number(relation, lo, hi, name) -%}
select
    *,
    unnest(range({{ lo }}, {{ hi }} + 1)) as {{ name }}
from {{ relation }}
{%- endmacro %}
