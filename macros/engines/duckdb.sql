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

{# A kept model (macros/increments.sql). What was documented and under contract is so since the last full build. #}
{% materialization incremental, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set is_new = should_full_refresh() or not is_increment() -%}
    {%- if not is_new and load_cached_relation(this) is none -%}
        {{ rows_are_gone() }}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        {%- if is_new -%}
            {{ table_made_anew(target_relation) }}
        {%- else -%}
            {{ rows_of_scope_replaced(target_relation) }}
        {%- endif -%}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {%- if is_new %}{% do persist_docs(target_relation, model) %}{% endif %}
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

{# Under contract columns go by name: one that is not computed stops the build. #}
{% macro rows_of_scope_replaced(relation) -%}
    {%- set meta = config.get('meta') -%}
    {%- set computed = relation.identifier ~ '__computed' -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() if config.get('contract').enforced -%}
        {%- do columns.append(adapter.quote(column.name) if column.quote else column.name) -%}
    {%- endfor -%}
create temporary table {{ computed }} as (
{{ compiled_code }}
);
delete from {{ relation }} where {{ in_scope(meta.scope, meta.scope_column) }};
insert into {{ relation }} {{ '(' ~ columns | join(', ') ~ ')' if columns }}
select {{ columns | join(', ') or '*' }} from {{ computed }};
drop table {{ computed }}
{%- endmacro %}
