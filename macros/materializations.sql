{# The project's own materializations; dbt's built-in ones are unchanged.

   one_statement_table   a table, dropped and created in one transaction
   one_statement_view    a view, created or replaced by one statement
   by_component          a stored mart: an incremental build replaces the rows of the affected components
   summed                a report of sums: an incremental build adds the difference that the affected components make
   global_table          a small table that every session depends on: a change of it needs a full refresh

   Only this file and engines/spark_materializations.sql know that a build can be incremental. The run then sets
   `incremental_build: true`, the sources contain only the rows of the affected components, and affected.keys contains their keys
   (orchestration/lib/build). Schema `affected` also gets the affected rows of each stored mart: as computed (fct_calls), and for
   `summed` as they were at the last finished build (fct_calls__before). What is computed by component reads these, not the whole
   mart. #}
{% macro is_incremental_build() -%}
    {{ return(var('incremental_build', false)) }}
{%- endmacro %}

{# The keys of affected rows: `kinds` are names of landed tables, or `touchpoint`. #}
{% macro affected_keys(kinds) -%}
(select key from {{ affected_relation('keys') }} where kind in ('{{ kinds | join("', '") }}'))
{%- endmacro %}

{% macro affected_relation(name) -%}
    {{ return(api.Relation.create(database=target.database if target.type == 'duckdb' else none, schema='affected', identifier=name)) }}
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
    {{ return(run_in_one_transaction(target_relation, recreate_table(target_relation))) }}
{% endmaterialization %}

{# dbt's own view materialization creates, renames and drops: 70 views added a tenth to a full refresh of few rows
   (15.8 s with it, 14.2 s with this one). #}
{% materialization one_statement_view, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ return(run_in_one_transaction(target_relation, recreate_view(target_relation))) }}
{% endmaterialization %}

{# Only a full refresh applies the contract and the comments. #}
{% materialization by_component, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- if is_incremental_build() -%}
        {%- if load_cached_relation(this) is none -%} {{ raise_missing_target() }} {%- endif -%}
        {%- do keep_affected_rows(target_relation) -%}
        {{ return(run_in_one_transaction(target_relation, replace_affected_rows(target_relation), has_comments=false)) }}
    {%- endif -%}
    {{ return(run_in_one_transaction(target_relation, recreate_table(target_relation))) }}
{% endmaterialization %}

{% materialization summed, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- if knows_rows_before() -%}
        {%- if load_cached_relation(this) is none -%} {{ raise_missing_target() }} {%- endif -%}
        {{ return(run_in_one_transaction(target_relation, replace_changed_sums(target_relation), has_comments=false)) }}
    {%- endif -%}
    {{ return(run_in_one_transaction(target_relation, recreate_table(target_relation))) }}
{% endmaterialization %}

{# Not in a build that resumes an interrupted one, in build_subset, or in a retry after running out of memory: these sum
   everything. #}
{% macro knows_rows_before() -%}
    {{ return(var('from_finished_build', false)) }}
{%- endmacro %}

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
{% macro run_in_one_transaction(relation, sql, has_comments=true) -%}
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

{# Stops the build if the stored table and the query differ in any row.

   `is_union`: each row of the table comes from single landed rows. The rows that are not affected gave only what is stored. So if
   the affected rows alone give all of it, nothing changed, and no other row is read: the own hosts take 0.1 instead of 2.4 CPU
   seconds at ten million sessions. On Spark, staging is stored and reads all rows in any case. #}
{% macro raise_if_changed(relation) -%}
    {%- if target.type == 'duckdb' and config.get('meta').get('is_union') and differing_rows(relation, of_affected_components('affected_web_rows')) == 0 -%}
        {{ return('') }}
    {%- endif -%}
    {%- if differing_rows(relation, compiled_code) > 0 -%}
        {{ exceptions.raise_compiler_error(config.get('meta')['change']) }}
    {%- endif -%}
{%- endmacro %}

{% macro differing_rows(relation, query) -%}
    {%- set differing -%}
with computed as (
{{ query }}
)

select count(*)
from (
    (select * from {{ relation }} except select * from computed)
    union all
    (select * from computed except select * from {{ relation }})
) as changed
    {%- endset -%}
    {{ return(run_query(differing).rows[0][0]) }}
{%- endmacro %}

{# For a model that reads every landed row: the same query on the rows that staging reads. A view, because a model can contain a
   ref() in a comment. #}
{% macro affected_web_rows(name) -%}
    {%- for node in graph.nodes.values() if node.name == name and 'all_web_rows(' in node.raw_code -%}
        {%- set affected = call_attribution.affected_relation(name) -%}
        {%- do run_query('create or replace view ' ~ affected ~ ' as '
            ~ render('{%- set all_web_rows = call_attribution.web_rows -%}' ~ node.raw_code)) -%}
        {{ return(affected) }}
    {%- endfor -%}
    {{ return(ref(name)) }}
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

{# The affected rows of a stored mart, as they were and as computed, in a transaction of their own: DuckDB writes to one file in
   each, and marts are in another. A computed row of a component that is not affected would exist twice, so it stops the build. #}
{% macro keep_affected_rows(relation) -%}
    {%- set key = component_key() -%}
    {%- set computed = affected_relation(model.name) -%}
    {%- call statement('computed') -%}
        {%- if knows_rows_before() and is_read_by_sums() %}
create or replace table {{ affected_relation(model.name ~ '__before') }} as (
    select {{ (config.get('meta').get('summed_columns') or ['*']) | join(', ') }} from {{ only_affected(relation, key) }}
);
        {%- endif %}
create or replace table {{ computed }} as (
{{ of_affected_components('affected_rows_now') }}
);
select error('{{ relation.identifier }} computed a row of a component that is not affected.')
from {{ computed }}
where {{ key.column }} is null or {{ key.column }} not in {{ affected_keys(key.kinds) }}
limit 1
    {%- endcall -%}
    {%- do adapter.commit() -%}
{%- endmacro %}

{% macro is_read_by_sums() -%}
    {%- for node in graph.nodes.values() if node.config.materialized == 'summed' and model.unique_id in node.depends_on.nodes -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}

{# With a contract, columns are inserted by name. #}
{% macro replace_affected_rows(relation) -%}
    {%- set key = component_key() -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() if config.get('contract').enforced -%}
        {%- do columns.append(adapter.quote(column.name) if column.quote else column.name) -%}
    {%- endfor -%}
delete from {{ relation }} where {{ key.column }} in {{ affected_keys(key.kinds) }};
insert into {{ relation }} {{ '(' ~ columns | join(', ') ~ ')' if columns }}
select {{ columns | join(', ') or '*' }} from {{ affected_relation(model.name) }}
{%- endmacro %}

{% macro only_affected(relation, key) -%}
(select * from {{ relation }} where {{ key.column }} in {{ call_attribution.affected_keys(key.kinds) }})
{%- endmacro %}

{# The model's SQL, in which ref() gives affected rows: `reads` is affected_web_rows or one of the two macros below. A macro that
   the model calls has a ref() of its own, which still gives the whole mart; so the model has to pass it on. #}
{% macro of_affected_components(reads) -%}
    {%- set sql = render('{%- set ref = call_attribution.' ~ reads ~ ' -%}' ~ model.raw_code) -%}
    {%- for name in model.depends_on.nodes if name in selected_resources -%}
        {%- set mart = graph.nodes.get(name) -%}
        {%- if mart and mart.config.materialized == 'by_component' and mart.relation_name in sql -%}
            {{ exceptions.raise_compiler_error(model.name ~ ' reads ' ~ mart.name ~ ' in a macro. Pass `ref` to the macro, as call_facts does.') }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro affected_rows_now(name) -%}
    {{ return(call_attribution.affected_rows(name, '')) }}
{%- endmacro %}

{% macro affected_rows_before(name) -%}
    {{ return(call_attribution.affected_rows(name, '__before')) }}
{%- endmacro %}

{# Unchanged rows of a mart that this run leaves out are read from the mart. #}
{% macro affected_rows(name, suffix) -%}
    {%- for node in graph.nodes.values()
        if node.name == name and node.resource_type == 'model' and node.config.materialized == 'by_component' -%}
        {%- if node.unique_id in selected_resources -%}
            {{ return(call_attribution.affected_relation(name ~ suffix)) }}
        {%- endif -%}
        {{ return(call_attribution.only_affected(node.relation_name, node.config.meta.component_key)) }}
    {%- endfor -%}
    {{ return(ref(name)) }}
{%- endmacro %}

{# All columns but those of `meta.groups` are sums, or counts of things that belong to one component; none is null. A group is gone
   if all its sums are 0, so one of them counts rows, or the model leaves such groups out. Affected rows that did not change cancel
   out. #}
{% macro replace_changed_sums(relation) -%}
    {%- set groups = config.get('meta').groups -%}
    {%- set sums = adapter.get_columns_in_relation(relation) | map(attribute='name') | reject('in', groups) | list -%}
    {%- set changes, computed = relation.identifier ~ '__changes', relation.identifier ~ '__computed' -%}
    {%- set same_group -%}
        {%- for column in groups %}
        {{ 'and ' if not loop.first }}{{ relation.identifier }}.{{ column }} is not distinct from changes.{{ column }}
        {%- endfor %}
    {%- endset -%}
create temporary table {{ changes }} as (
    with summands as (
        select {{ (groups + sums) | join(', ') }} from (
{{ of_affected_components('affected_rows_now') }}
        ) as added
        union all
        select {{ groups | join(', ') }}{% for column in sums %}, -{{ column }}{% endfor %} from (
{{ of_affected_components('affected_rows_before') }}
        ) as subtracted
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
