{# Rows that occur more than once, compared by the columns of the grain; nulls are equal. With `or_null`, also rows in which a key
   of one column is null. #}
{% macro repeated_rows(model, columns, or_null=false) %}{{ return(adapter.dispatch('repeated_rows', 'call_attribution')(model, columns, or_null)) }}{% endmacro %}
{% macro default__repeated_rows(model, columns, or_null) -%}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 {%- if or_null %} or {{ columns[0] }} is null {%- endif %}
{%- endmacro %}

{# Only rows with equal hashes can be equal. DuckDB groups ten million hashes in 1.4 CPU seconds, and the seven columns of rpt_daily
   in 4.6. It joins the tables of a view for each query, so one query finds null keys too: 3.3 instead of 6.9 CPU seconds for the
   ids of biz_user_touchpoints. #}
{% macro duckdb__repeated_rows(model, columns, or_null) -%}
{%- set row_hash = 'hash(' ~ columns | join(', ') ~ ')' -%}
with equal_hashes as (
    select {{ row_hash }} as row_hash
    from {{ model }}
    group by row_hash
    having count(*) > 1 {%- if or_null %} or count({{ columns[0] }}) = 0 {%- endif %}
),

candidates as (
    select * from {{ model }}
    where {{ row_hash }} in (select row_hash from equal_hashes)
)

{{ call_attribution.default__repeated_rows('candidates', columns, or_null) }}
{%- endmacro %}
