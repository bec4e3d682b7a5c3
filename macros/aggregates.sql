{# The value of the row that comes first by a number, among the rows that fulfil a condition. #}
{% macro min_by(value, order, condition='true') %}{{ return(adapter.dispatch('min_by', 'call_attribution')(value, order, condition)) }}{% endmacro %}
{% macro duckdb__min_by(value, order, condition) -%}
min_by({{ value }}, {{ order }}) filter (where {{ condition }})
{%- endmacro %}

{# The rows of a relation, once for every part of a text between separators (column `name`). A query to which the caller
   may add a condition. #}
{% macro row_per_part(relation, x, separator, name) %}{{ return(adapter.dispatch('row_per_part', 'call_attribution')(relation, x, separator, name)) }}{% endmacro %}
{% macro duckdb__row_per_part(relation, x, separator, name) -%}
select
    *,
    unnest(string_split({{ x }}, '{{ separator }}')) as {{ name }}
from {{ relation }}
{%- endmacro %}

{# The last value that is not null over a window, which says its rows. #}
{% macro last_non_null(x, window) %}{{ return(adapter.dispatch('last_non_null', 'call_attribution')(x, window)) }}{% endmacro %}
{% macro duckdb__last_non_null(x, window) -%}
last_value({{ x }} ignore nulls) over {{ window }}
{%- endmacro %}

{# The position of a row in its seed file: rules are read from the top. Select it from the whole seed, without a
   condition. A column of a sheet can hide DuckDB's rowid; then rows are numbered in the order of insertion. #}
{% macro seed_row(seed) %}{{ return(adapter.dispatch('seed_row', 'call_attribution')(seed)) }}{% endmacro %}
{% macro duckdb__seed_row(seed) -%}
{%- set columns = adapter.get_columns_in_relation(seed) if execute else [] -%}
{{ 'row_number() over ()' if 'rowid' in columns | map(attribute='name') | map('lower') else 'rowid' }}
{%- endmacro %}

{# True where a text matches a regular expression. #}
{% macro matches_pattern(x, pattern) %}{{ return(adapter.dispatch('matches_pattern', 'call_attribution')(x, pattern)) }}{% endmacro %}
{% macro duckdb__matches_pattern(x, pattern) -%}
regexp_matches({{ x }}, {{ call_attribution.pattern_literal(pattern) }})
{%- endmacro %}

{# The greater of a value and another one that may be null. #}
{% macro greater(a, b) -%}
case when {{ b }} > {{ a }} then {{ b }} else {{ a }} end
{%- endmacro %}

{# The middle value of a DECIMAL(18,6), between two middle ones half-way, cut off after six decimals. #}
{% macro median(x) %}{{ return(adapter.dispatch('median', 'call_attribution')(x)) }}{% endmacro %}
{% macro duckdb__median(x) -%}
median({{ x }})
{%- endmacro %}
