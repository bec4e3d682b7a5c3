{# The value of the row with the smallest `order`, among the rows that meet a condition. #}
{% macro min_by(value, order, condition='true') %}{{ return(adapter.dispatch('min_by', 'call_attribution')(value, order, condition)) }}{% endmacro %}
{% macro duckdb__min_by(value, order, condition) -%}
min_by({{ value }}, {{ order }}) filter (where {{ condition }})
{%- endmacro %}

{# Splits a text at a separator: one row per row of the relation and part (column `name`). The caller can append a
   `where` clause. #}
{% macro row_per_part(relation, x, separator, name) %}{{ return(adapter.dispatch('row_per_part', 'call_attribution')(relation, x, separator, name)) }}{% endmacro %}
{% macro duckdb__row_per_part(relation, x, separator, name) -%}
select
    *,
    unnest(string_split({{ x }}, '{{ separator }}')) as {{ name }}
from {{ relation }}
{%- endmacro %}

{# The last non-null value over a window. The window must define its frame. #}
{% macro last_non_null(x, window) %}{{ return(adapter.dispatch('last_non_null', 'call_attribution')(x, window)) }}{% endmacro %}
{% macro duckdb__last_non_null(x, window) -%}
last_value({{ x }} ignore nulls) over {{ window }}
{%- endmacro %}

{# The position of a row in its seed file, because rules are read from the top. Select it from the whole seed, without a
   `where` clause. If a column of the sheet hides DuckDB's rowid, rows are numbered in insertion order. #}
{% macro seed_row(seed) %}{{ return(adapter.dispatch('seed_row', 'call_attribution')(seed)) }}{% endmacro %}
{% macro duckdb__seed_row(seed) -%}
{%- set columns = adapter.get_columns_in_relation(seed) if execute else [] -%}
{{ 'row_number() over ()' if 'rowid' in columns | map(attribute='name') | map('lower') else 'rowid' }}
{%- endmacro %}

{# Whether a text matches a regular expression. #}
{% macro matches_pattern(x, pattern) %}{{ return(adapter.dispatch('matches_pattern', 'call_attribution')(x, pattern)) }}{% endmacro %}
{% macro duckdb__matches_pattern(x, pattern) -%}
regexp_matches({{ x }}, {{ call_attribution.pattern_literal(pattern) }})
{%- endmacro %}

{# The greater of two values, of which the second can be null. #}
{% macro greater(a, b) -%}
case when {{ b }} > {{ a }} then {{ b }} else {{ a }} end
{%- endmacro %}

{# The median of a DECIMAL(18,6), truncated to six decimals. #}
{% macro median(x) %}{{ return(adapter.dispatch('median', 'call_attribution')(x)) }}{% endmacro %}
{% macro duckdb__median(x) -%}
median({{ x }})
{%- endmacro %}
