{# The project's materializations on Spark. A file of a Parquet table cannot change: an incremental build writes a stored mart
   again. On a server, Spark writes its unaffected rows and the computed ones. In a run, `affected_rows_alone` is true: Spark writes
   the computed rows, and DuckDB adds the others (orchestration/lib/engines/spark/tables.py). With Iceberg
   (CALL_ATTRIBUTION_SPARK_FORMAT), Spark deletes and inserts rows. #}
{% macro has_table_format() -%}
    {{ return(env_var('CALL_ATTRIBUTION_SPARK_FORMAT', '') == 'iceberg') }}
{%- endmacro %}

{% macro distinct_affected_keys(kinds) -%}
(select distinct key as _affected_key from {{ affected_keys(kinds) }})
{%- endmacro %}

{% materialization by_component, adapter='spark' -%}
    {%- set key = component_key() -%}
    {%- set existing = load_relation(this) -%}
    {#- If the catalog is a folder, listing tables does not return Iceberg tables. -#}
    {%- if is_incremental_build() and existing is none and not adapter.get_columns_in_relation(this) -%}
        {{ raise_missing_target() }}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- if not is_incremental_build() -%}
        {%- if existing is not none and not has_table_format() -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {%- call statement('main') -%}
            {{ create_table_as(false, this, sql) }}
        {%- endcall -%}
        {%- do persist_docs(this, model) -%}
    {%- elif has_table_format() -%}
        {%- do run_query(delete_affected_rows(key)) -%}
        {%- call statement('main') -%}
insert into {{ this }}
{{ computed_rows(sql, key) }}
        {%- endcall -%}
    {%- else -%}
        {%- set written = this.incorporate(type='table', path={'identifier': this.identifier ~ '__written'}) -%}
        {%- do adapter.drop_relation(written) -%}
        {%- call statement('main') -%}
            {{ write_again(written, sql, key) }}
        {%- endcall -%}
        {%- do adapter.drop_relation(existing) -%}
        {%- do adapter.rename_relation(written, this.incorporate(type='table')) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this]}) }}
{%- endmaterialization %}

{% materialization global_table, adapter='spark' -%}
    {%- if is_incremental_build() -%}
        {%- do raise_if_changed(this) -%}
        {%- call noop_statement('main', 'unchanged') -%} {%- endcall -%}
    {%- else -%}
        {%- set existing = load_relation(this) -%}
        {%- if existing is not none and not has_table_format() -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {%- call statement('main') -%}
            {{ create_table_as(false, this, sql) }}
        {%- endcall -%}
    {%- endif -%}
    {{ return({'relations': [this]}) }}
{%- endmaterialization %}

{# The rows of a model, in the order of its contract if it has one. #}
{% macro rows_of_contract(sql) -%}
    {%- if config.get('contract').enforced -%} {{ get_select_subquery(sql) }} {%- else -%} select * from (
{{ sql }}
    ) {%- endif -%}
{%- endmacro %}

{# A computed row of a component that is not affected would exist twice, so it stops the build. #}
{% macro computed_rows(sql, key) -%}
select computed.*
from (
    {{ rows_of_contract(sql) }}
) as computed
left join {{ distinct_affected_keys(key.kinds) }} as affected on {{ key.column }} = affected._affected_key
where {{ raise_if("case when affected._affected_key is null then '" ~ this ~ " computed a row of a component that is not affected.' end") }}
{%- endmacro %}

{% macro write_again(relation, sql, key) -%}
create table {{ relation }} {{ file_format_clause() }} {{ comment_clause() }}
as
{%- if not var('affected_rows_alone', false) %}
select stored.*
from {{ this }} as stored
left anti join {{ distinct_affected_keys(key.kinds) }} as affected on {{ key.column }} = affected._affected_key
union all
{%- endif %}
{{ computed_rows(sql, key) }}
{%- endmacro %}

{% macro delete_affected_rows(key) -%}
merge into {{ this }} as stored
using {{ distinct_affected_keys(key.kinds) }} as affected
    on {{ key.column }} = affected._affected_key
when matched then delete
{%- endmacro %}
