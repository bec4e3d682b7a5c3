{# Increments. A full build (no variable) computes everything. An increment (variable `increment`: `after_batch`, the
   arrival number up to which the last build held everything, and `unfinished`, whether a build since then broke off)
   computes again what arrived since then affects, by the same SQL: models/intermediate/scope/ says what that is.

   - Kept models hold everything; an increment deletes their rows in a scope and inserts those computed again.
   - Compared models are small and computed whole; what differs from their copy of the last build is what changed.
   - All other tables hold what this build computed, in an increment the scope's rows only. #}
{% macro is_increment() -%}
    {{ return(var('increment', none) is not none) }}
{%- endmacro %}

{% macro is_unfinished() -%}
    {{ return(is_increment() and var('increment').unfinished) }}
{%- endmacro %}

{# The column of a scope, by the scope's name without `scope_`. #}
{% macro scope_column(scope) -%}
    {{ return({
        'cookies': 'cookie_id',
        'sessions': 'session_id',
        'page_views': 'page_view_id',
        'forms': 'form_id',
        'tasks': 'task_id',
        'touchpoints': 'touchpoint_id',
        'emails': 'email',
        'records': 'record_id',
        'groups': 'group_id',
        'opportunities': 'opportunity_id',
        'needed_emails': 'email',
        'needed_records': 'record_id',
        'arrived_sessions': 'session_id',
        'arrived_page_views': 'page_view_id',
        'arrived_tasks': 'task_id',
    }[scope]) }}
{%- endmacro %}

{% macro scope_model(scope) -%}
    {{ return(scope if scope.startswith('arrived_') else 'scope_' ~ scope) }}
{%- endmacro %}

{# Whether a row is one that this build computes. #}
{% macro in_scope(scope, column) -%}
{#- The reference makes the edge when dbt parses; a full build reads no scope. -#}
{%- if not execute or is_increment() -%}
    {{ column }} in (select {{ scope_column(scope) }} from {{ ref(scope_model(scope)) }})
{%- else -%}
    true
{%- endif -%}
{%- endmacro %}

{# Whether a row of a staging model arrived since the last finished build. #}
{% macro is_new(relation) -%}
    {{ relation ~ '._batch_id > ' ~ var('increment').after_batch if is_increment() else 'true' }}
{%- endmacro %}

{# Configures a kept model: the expression of its rows that names the scope's key. What `incremental` does with it stands in
   macros/engines, by engine. #}
{% macro kept(scope, column=none) -%}
{{ config(
    materialized='incremental' if target.type in ('duckdb', 'spark') else 'table',
    on_schema_change='fail',
    meta={'scope': scope, 'scope_column': column or scope_column(scope)}
) }}
{%- if not execute or is_increment() -%}
-- depends_on: {{ ref(scope_model(scope)) }}
{%- endif -%}
{%- endmacro %}

{# An increment computes a scope's rows: alone they would look like the whole table. #}
{% macro rows_are_gone() -%}
    {{ exceptions.raise_compiler_error(this ~ ' is gone, and an increment cannot make it: build everything (make build FULL=1).') }}
{%- endmacro %}

{# Configures a compared model: before an increment changes it, it is copied, once until a build has finished. #}
{% macro compared() -%}
{{ config(pre_hook="{{ copy_of_last_build() }}", meta={'is_compared': true}) }}
{%- endmacro %}

{% macro copy_of_last_build() -%}
    {%- if execute and is_increment() -%}
create table if not exists {{ before_name(model.name) }} as select * from {{ this }}
    {%- endif -%}
{%- endmacro %}

{# What the last finished build left, its copies and its scopes, is of no more use. At the start of the next one; after a
   build that broke off both stay. On DuckDB they go with the entry in the books (orchestration/lib/build/increments.py). #}
{% macro forget_last_build() -%}
    {%- if execute and target.type != 'duckdb' and (flags.FULL_REFRESH or is_increment() and not is_unfinished()) -%}
        {#- One statement at a time: Spark takes no more. -#}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- if node.config.get('meta', {}).get('is_compared') -%}
                {%- do run_query('drop table if exists ' ~ before_name(node.name)) -%}
            {%- elif 'scope' in node.fqn and load_relation(last_build(node.name)) is not none -%}
                {%- do run_query(emptied(last_build(node.name))) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# The statement that takes every row out of a table. #}
{% macro emptied(relation) -%} {{ return(adapter.dispatch('emptied', 'call_attribution')(relation)) }} {%- endmacro %}

{% macro default__emptied(relation) -%} {{ return('delete from ' ~ relation) }} {%- endmacro %}

{# A model as it stands before this build comes to it: no edge, since the build does come to it, later. #}
{% macro last_build(model_name, suffix='') -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ model_name] -%}
        {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias ~ suffix)) }}
    {%- endif -%}
{%- endmacro %}

{# The copy of a compared model as the last build left it. #}
{% macro before_name(model_name) -%}
    {{ last_build(model_name, '__before') }}
{%- endmacro %}

{# Rows of a compared model that are not as they were, as they are and as they were. #}
{% macro changed_rows(model_name, columns) -%}
(
    (select {{ columns }} from {{ ref(model_name) }} except select {{ columns }} from {{ before_name(model_name) }})
    union all
    (select {{ columns }} from {{ before_name(model_name) }} except select {{ columns }} from {{ ref(model_name) }})
)
{%- endmacro %}

{% macro no_rows(columns) -%}
select
    {%- for column in columns %}
    cast(null as string) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
where false
{%- endmacro %}

{# The body of a scope: empty in a full build; after a build that broke off, what that one had found as well. #}
{% macro scope_of(columns) -%}
{%- set found = caller() -%}
{%- if is_increment() -%}
select distinct {{ columns | join(', ') }}
from (
{{ found }}
) as found
where {{ columns[0] }} is not null
    {%- if is_unfinished() and load_relation(this) is not none %}
union
select {{ columns | join(', ') }} from {{ this }}
    {%- endif %}
{%- else -%}
{{ no_rows(columns) }}
{%- endif -%}
{%- endmacro %}

{# The body of an `arrived_` model: rows of a staging model that arrived since the last build, with what else they name, as
   it is and as it was in the kept model that the last build made of them. What an unfinished build overwrote there is
   remembered here; rows that arrived before stay out, whatever is remembered of them.
   names: column of this model -> column of the staging model, the key first #}
{% macro arrived(staging, kept_model, names) -%}
{%- set key = names.keys() | first -%}
{%- set columns = names.keys() | join(', ') -%}
{%- set staged = ref(staging) -%}
{%- if is_increment() -%}
with new_rows as (
    select
        {%- for column, staging_column in names.items() %}
        {{ staging_column }} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ staged }} as staged
    where {{ is_new('staged') }}
)

select {{ columns }} from new_rows
union
select {{ columns }} from {{ last_build(kept_model) }} where {{ key }} in (select {{ key }} from new_rows)
    {%- if is_unfinished() and load_relation(this) is not none %}
union
select {{ columns }} from {{ this }} where {{ key }} in (select {{ key }} from new_rows)
    {%- endif %}
{%- else -%}
{{ no_rows(names) }}
{%- endif -%}
{%- endmacro %}

{# What a test looks at: in an increment the rows of a kept model that were computed again. Overrides dbt's own macro, so
   that it holds for every generic test; singular tests of kept models call it themselves. #}
{% macro get_where_subquery(relation) -%}
    {%- set meta = kept_meta(relation) if execute and is_increment() else none -%}
    {%- if meta -%}
        (
            select * from {{ relation }}
            where {{ meta.scope_column }} in (
                select {{ scope_column(meta.scope) }} from {{ last_build(scope_model(meta.scope)) }}
            )
        ) as computed_again
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}

{% macro kept_meta(relation) -%}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'model' and node.alias == relation.identifier and node.schema == relation.schema
        and node.config.get('meta', {}).get('scope') %}
        {{ return(node.config.meta) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}
