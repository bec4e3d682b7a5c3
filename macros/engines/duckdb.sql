{# Materialisations for DuckDB: a table is dropped and made in one transaction, a kept table's rows are replaced in one.
   dbt-duckdb's own ones rename and drop step by step, which costs dbt more time than the SQL of most models does. What this
   project has no use for is left out: indexes, grants, hooks outside the transaction. #}

{% materialization table, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        {{ table_made_anew(target_relation) }}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Without a contract in one statement, for a scope that goes on after a broken build reads what it replaces. #}
{% macro table_made_anew(relation) -%}
    {%- set existing = load_cached_relation(relation) -%}
    {%- set has_contract = config.get('contract').enforced -%}
    {%- if existing is not none and (has_contract or existing.is_view) %}
drop {{ existing.type }} {{ existing }};
    {%- endif %}
    {%- if has_contract %}
{{ create_table_as(False, relation, compiled_code) }}
    {%- else %}
create or replace table {{ relation }} as (
{{ compiled_code }}
)
    {%- endif %}
{%- endmacro %}

