{# The project's own materializations; dbt's built-in ones are unchanged.

   one_statement_table   a table, dropped and created in one transaction
   one_statement_view    a view, created or replaced by one statement
   by_component          a stored mart: an incremental build replaces the rows of the affected components
   summed                a report of sums: an incremental build adds the difference that the affected components make
   global_table          a small table that every session depends on: a change of it needs a full refresh

   Only this file knows that a build can be incremental. The run then sets `incremental_build: true`, the sources contain
   only the rows of the affected components, and affected.keys contains their keys (orchestration/lib/build). #}
{% macro is_incremental_build() -%}
    {{ return(var('incremental_build', false)) }}
{%- endmacro %}

{# The keys of affected rows: `kinds` are names of landed tables, or `touchpoint`. #}
{% macro affected_keys(kinds) -%}
(select key from {{ affected_keys_relation() }} where kind in ('{{ kinds | join("', '") }}'))
{%- endmacro %}

{% macro affected_keys_relation() -%}
    {{ return(api.Relation.create(database=target.database if target.type == 'duckdb' else none, schema='affected', identifier='keys')) }}
{%- endmacro %}

{# The configured key of a stored mart: an expression of its columns, and the kinds of affected.keys that it contains. #}
{% macro component_key() -%}
    {%- set key = config.get('meta').get('component_key') -%}
    {%- if not key -%}
        {{ exceptions.raise_compiler_error(model.name ~ ' is materialized by_component and needs meta.component_key: column and kinds.') }}
    {%- endif -%}
    {{ return(key) }}
{%- endmacro %}

{# Without its table, a mart would consist of the rows of the affected components alone. #}
{% macro raise_missing_target() -%}
    {{ exceptions.raise_compiler_error(this ~ ' is missing, and an incremental build cannot create it. Run `make build FULL=1`.') }}
{%- endmacro %}

{# DuckDB. dbt-duckdb's own table materialization renames and drops step by step, which costs more time than the SQL of most
   models: a build of 20,000 sessions takes 7.4 s with it and 4.8 s with this one. It supports no indexes, grants or hooks
   outside the transaction, because this project uses none. #}
{% materialization one_statement_table, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ return(run_as_one_statement(target_relation, recreate_table(target_relation))) }}
{% endmaterialization %}

{# dbt's own view materialization creates, renames and drops: 70 views added a tenth to a whole build of few rows
   (15.8 s with it, 14.2 s with this one). #}
{% materialization one_statement_view, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ return(run_as_one_statement(target_relation, recreate_view(target_relation))) }}
{% endmaterialization %}

{# Only a full refresh applies the contract and the comments. #}
{% materialization by_component, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set is_new = not is_incremental_build() -%}
    {%- if not is_new and load_cached_relation(this) is none -%}
        {{ raise_missing_target() }}
    {%- endif -%}
    {%- set sql = recreate_table(target_relation) if is_new else replace_affected_rows(target_relation) -%}
    {{ return(run_as_one_statement(target_relation, sql, has_comments=is_new)) }}
{% endmaterialization %}

{# Without the table of what the affected components contributed before (keep_affected_sums), everything is summed. #}
{% materialization summed, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set is_new = not is_incremental_build() or adapter.get_relation(target.database, 'affected', this.identifier) is none -%}
    {%- if not is_new and load_cached_relation(this) is none -%}
        {{ raise_missing_target() }}
    {%- endif -%}
    {%- set sql = recreate_table(target_relation) if is_new else replace_changed_sums(target_relation) -%}
    {{ return(run_as_one_statement(target_relation, sql, has_comments=is_new)) }}
{% endmaterialization %}

{% materialization global_table, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- if is_incremental_build() -%}
        {%- do raise_if_changed(target_relation) -%}
        {%- call noop_statement('main', 'unchanged') -%} {%- endcall -%}
    {%- else -%}
        {% call statement('main') -%}
            {{ recreate_table(target_relation) }}
        {%- endcall %}
        {% do persist_docs(target_relation, model) %}
    {%- endif -%}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# The SQL of a model with its hooks and comments, in one transaction. #}
{% macro run_as_one_statement(relation, sql, has_comments=true) -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        {{ sql }}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {%- if has_comments %}{% do persist_docs(relation, model) %}{% endif %}
    {{ adapter.commit() }}
    {{ return({'relations': [relation]}) }}
{%- endmacro %}

{# dbt-duckdb's own form first lists the columns of the relation, which takes 10 ms for each of 80 relations. Only relations with
   a contract have comments, so the columns exist. #}
{% macro duckdb__alter_column_comment(relation, column_dict) -%}
    {%- for column in column_dict.values() %}
comment on column {{ relation }}.{{ adapter.quote(column.name) if column.quote else column.name }} is {{ duckdb_escape_comment(column.description) }};
    {%- endfor %}
{%- endmacro %}

{# Stops the build if the stored table and the query differ in any row. #}
{% macro raise_if_changed(relation) -%}
    {%- set changed -%}
with computed as (
{{ compiled_code }}
)

select count(*)
from (
    (select * from {{ relation }} except select * from computed)
    union all
    (select * from computed except select * from {{ relation }})
) as changed
    {%- endset -%}
    {%- if run_query(changed).rows[0][0] > 0 -%}
        {{ exceptions.raise_compiler_error(config.get('meta')['change']) }}
    {%- endif -%}
{%- endmacro %}

{% macro recreate_table(relation) -%}
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

{% macro recreate_view(relation) -%}
    {%- set existing = load_cached_relation(relation) -%}
    {%- if existing is not none and existing.is_table %}
drop table {{ existing }};
    {%- endif %}
    {%- if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(compiled_code) }}
    {%- endif %}
create or replace view {{ relation }} as (
{{ compiled_code }}
)
{%- endmacro %}

{# A computed row of a component that is not affected would exist twice, so it stops the build. With a contract, columns are
   inserted by name. #}
{% macro replace_affected_rows(relation) -%}
    {%- set key = component_key() -%}
    {%- set computed = relation.identifier ~ '__computed' -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() if config.get('contract').enforced -%}
        {%- do columns.append(adapter.quote(column.name) if column.quote else column.name) -%}
    {%- endfor -%}
create temporary table {{ computed }} as (
{{ compiled_code }}
);
select error('{{ relation.identifier }} computed a row of a component that is not affected.')
from {{ computed }}
where {{ key.column }} is null or {{ key.column }} not in {{ affected_keys(key.kinds) }}
limit 1;
delete from {{ relation }} where {{ key.column }} in {{ affected_keys(key.kinds) }};
insert into {{ relation }} {{ '(' ~ columns | join(', ') ~ ')' if columns }}
select {{ columns | join(', ') or '*' }} from {{ computed }};
drop table {{ computed }}
{%- endmacro %}

{# At the start of an incremental build: what the affected components contributed to each report of sums at the last finished
   build, from the stored marts before their rows are replaced. A build that resumes another finds them partly replaced, so it
   computes the reports whole. #}
{% macro keep_affected_sums() -%}
    {%- if execute and var('from_finished_build', false) -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'summed' %}
create table affected.{{ node.alias }} as (
{{ call_attribution.of_affected_components(node) }}
);
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro only_affected(relation, key) -%}
(select * from {{ relation }} where {{ key.column }} in {{ call_attribution.affected_keys(key.kinds) }})
{%- endmacro %}

{# The SQL of a model, in which ref() gives the affected rows of a stored table. #}
{% macro of_affected_components(node) -%}
    {{ return(render('{%- set ref = call_attribution.affected_rows -%}' ~ node.raw_code)) }}
{%- endmacro %}

{% macro affected_rows(name) -%}
    {%- for node in graph.nodes.values() if node.name == name and node.resource_type == 'model' -%}
        {%- if node.config.materialized != 'by_component' -%}
            {{ exceptions.raise_compiler_error('A model that is materialized summed reads ' ~ name ~ ', which is not stored by component.') }}
        {%- endif -%}
        {%- set key = node.config.meta.component_key -%}
        {{ return(call_attribution.only_affected(node.relation_name, key)) }}
    {%- endfor -%}
{%- endmacro %}

{# A group is gone if all its sums are 0, so one of them has to count its rows. Affected rows that did not change cancel out. #}
{% macro replace_changed_sums(relation) -%}
    {%- set sums = config.get('meta').sums -%}
    {%- set columns = model.columns.keys() | list -%}
    {%- set groups = columns | reject('in', sums) | list -%}
    {%- set changes, computed = relation.identifier ~ '__changes', relation.identifier ~ '__computed' -%}
    {%- set same_group -%}
        {%- for column in groups %}
        {{ 'and ' if not loop.first }}{{ relation.identifier }}.{{ column }} is not distinct from changes.{{ column }}
        {%- endfor %}
    {%- endset -%}
create temporary table {{ changes }} as (
    with summands as (
        select {{ columns | join(', ') }} from (
{{ of_affected_components(model) }}
        ) as added
        union all
        select {% for column in columns %}{{ '-' if column in sums }}{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        from affected.{{ relation.identifier }}
    )

    {{ sums_of_groups(groups, sums) }}
);
create temporary table {{ computed }} as (
    with summands as (
        select * from {{ changes }}
        union all
        select {{ (groups + sums) | join(', ') }}
        from {{ relation }}
        where exists (select 1 from {{ changes }} as changes where {{ same_group }})
    )

    {{ sums_of_groups(groups, sums) }}
);
delete from {{ relation }} using {{ changes }} as changes where {{ same_group }};
insert into {{ relation }} ({{ (groups + sums) | join(', ') }})
select * from {{ computed }};
drop table {{ changes }};
drop table {{ computed }}
{%- endmacro %}

{# The groups of a CTE `summands`. #}
{% macro sums_of_groups(groups, sums) -%}
select
    {{ groups | join(', ') }}
    {%- for column in sums %},
    sum({{ column }}) as {{ column }}
    {%- endfor %}
from summands
group by {{ groups | join(', ') }}
having {% for column in sums %}sum({{ column }}) <> 0{{ ' or ' if not loop.last }}{% endfor %}
{%- endmacro %}

{# The rows that a test reads: in an incremental build, only the affected rows of a stored mart. Overrides dbt's own macro,
   so that it applies to every generic test; singular tests of stored marts call it. #}
{% macro get_where_subquery(relation) -%}
    {%- set key = stored_key_of(relation) if execute and is_incremental_build() else none -%}
    {%- if key -%}
        {{ only_affected(relation, key) }} as affected_rows
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}

{% macro stored_key_of(relation) -%}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'model' and node.alias == relation.identifier and node.schema == relation.schema
        and node.config.materialized == 'by_component' %}
        {{ return(node.config.meta.component_key) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}
