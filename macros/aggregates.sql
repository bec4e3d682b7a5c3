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

{# Connected components: one row per node of a graph (`node`) with the smallest node that it is connected with (`component`).
   pairs: relation with one, other (whole numbers, one < other), a row per edge

   The sets of connected nodes are folded from one edge after the other, so a chain can have any length. Spark 3.5 has no
   recursive query, and Snowflake's does not end on a cycle. The time grows with the square of the edges that lie over each
   other: a chain of 1,000 takes 0.2 s. Edges whose intervals of numbers do not overlap cannot be connected and are folded on
   their own. #}
{% macro connected_components(pairs) -%}
with starts as (
    select
        one,
        other,
        case
            when one <= max(other) over (order by one, other rows between unbounded preceding and 1 preceding) then 0
            else 1
        end as is_first
    from {{ pairs }}
),

overlapping as (
    select
        one,
        other,
        sum(is_first) over (order by one, other rows between unbounded preceding and current row) as overlap_number
    from starts
)

{{ call_attribution.fold_edges('overlapping', 'overlap_number') }}
{%- endmacro %}

{# The folding: a set absorbs the sets that an edge connects. Result: node, component. #}
{% macro fold_edges(edges, by) %}{{ return(adapter.dispatch('fold_edges', 'call_attribution')(edges, by)) }}{% endmacro %}
{% macro duckdb__fold_edges(edges, by) -%}
select
    unnest(nodes) as node,
    list_min(nodes) as component
from (
    select unnest(list_reduce(
        list([one, other] order by one, other),
        lambda sets, edge: list_append(
            list_filter(sets, lambda nodes: not list_has_any(nodes, edge)),
            list_distinct(list_concat(edge, flatten(list_filter(sets, lambda nodes: list_has_any(nodes, edge)))))
        ),
        cast([] as bigint[][])
    )) as nodes
    from {{ edges }}
    group by {{ by }}
) as sets
{%- endmacro %}
