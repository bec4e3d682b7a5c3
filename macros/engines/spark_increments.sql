{# Increments on Spark. Without a table format (Parquet) a table can lose and gain whole partitions only: a kept model is
   partitioned by a bucket of its scope's key, and an increment overwrites the buckets of the scope. With Delta or Iceberg
   (CALL_ATTRIBUTION_SPARK_FORMAT) its rows are deleted and inserted. #}
{% macro has_table_format() -%}
    {{ return(env_var('CALL_ATTRIBUTION_SPARK_FORMAT', '') in ('delta', 'iceberg')) }}
{%- endmacro %}

{% macro spark__emptied(relation) -%}
    {{ return(('delete from ' if has_table_format() else 'truncate table ') ~ relation) }}
{%- endmacro %}

{% macro bucket_of(key) -%}
pmod(hash({{ key }}), {{ env_var('CALL_ATTRIBUTION_SPARK_BUCKETS', '4') }})
{%- endmacro %}

{# Keys of a scope, each once, with the bucket of their rows. #}
{% macro scope_keys(scope) -%}
(
    select
        {{ scope_column(scope) }} as _scope_key,
        {{ bucket_of(scope_column(scope)) }} as _scope_bucket
    from {{ ref(scope_model(scope)) }}
    group by {{ scope_column(scope) }}
)
{%- endmacro %}

{# In the place of dbt-spark's own, which knows no such strategy. #}
{% materialization incremental, adapter='spark' -%}
    {%- set meta = config.get('meta') -%}
    {%- set existing = load_relation(this) -%}
    {%- set is_new = should_full_refresh() or not is_increment() -%}
    {#- No list names Iceberg's tables where the catalog is a folder. -#}
    {%- if not is_new and existing is none and not adapter.get_columns_in_relation(this) -%}
        {{ rows_are_gone() }}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- if is_new -%}
        {%- if existing is not none and not has_table_format() -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {%- call statement('main') -%}
            {{ create_table_as(false, this, sql) if has_table_format() else create_in_buckets(sql, meta.scope_column) }}
        {%- endcall -%}
        {%- do persist_docs(this, model) -%}
    {%- elif has_table_format() -%}
        {%- do run_query(deleted_in_scope(meta.scope, meta.scope_column)) -%}
        {%- call statement('main') -%}
insert into {{ this }}
{{ rows_in_scope(sql, meta.scope, meta.scope_column) }}
        {%- endcall -%}
    {%- else -%}
        {%- set buckets = buckets_in_scope(meta.scope, meta.scope_column) -%}
        {%- if buckets.emptied -%}
            {#- Nothing may be written there, and what is not written to is not overwritten. -#}
            {%- do run_query('alter table ' ~ this ~ ' drop if exists ' ~ buckets.emptied | join(', ')) -%}
        {%- endif -%}
        {%- if buckets.all -%}
            {%- call statement('main') -%}
                {{ overwritten_buckets(sql, meta.scope, meta.scope_column, buckets.all) }}
            {%- endcall -%}
        {%- else -%}
            {%- call noop_statement('main', 'nothing in scope') -%} {%- endcall -%}
        {%- endif -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this]}) }}
{%- endmaterialization %}

{# The rows of a model, in the order of its contract if it has one. #}
{% macro rows_of_contract(sql) -%}
    {%- if config.get('contract').enforced -%} {{ get_select_subquery(sql) }} {%- else -%} select * from (
{{ sql }}
    ) {%- endif -%}
{%- endmacro %}

{# The bucket is a column that no mart has: its values are names of folders, and not in the files. #}
{% macro create_in_buckets(sql, key) -%}
    {%- if config.get('contract').enforced -%} {{ get_assert_columns_equivalent(sql) }} {%- endif -%}
create table {{ this }} {{ file_format_clause() }} partitioned by (row_bucket) {{ comment_clause() }}
as
select
    *,
    {{ bucket_of(key) }} as row_bucket
from (
    {{ rows_of_contract(sql) }}
)
distribute by row_bucket
{%- endmacro %}

{# The buckets of a scope's keys, and of those the partitions in which no row stays. #}
{% macro buckets_in_scope(scope, key) -%}
    {%- set found -%}
select
    buckets._scope_bucket,
    count(kept.row_bucket) > 0 and count_if(scope._scope_key is null) = 0 as is_emptied
from (select distinct _scope_bucket from {{ scope_keys(scope) }}) as buckets
left join (select {{ key }} as _key, row_bucket from {{ this }}) as kept on buckets._scope_bucket = kept.row_bucket
left join {{ scope_keys(scope) }} as scope on kept._key = scope._scope_key
group by buckets._scope_bucket
order by buckets._scope_bucket
    {%- endset -%}
    {%- set buckets = {'all': [], 'emptied': []} -%}
    {%- for bucket, is_emptied in run_query(found).rows -%}
        {%- do buckets.all.append(bucket | int) -%}
        {%- if is_emptied -%} {%- do buckets.emptied.append('partition (row_bucket = ' ~ bucket | int ~ ')') -%} {%- endif -%}
    {%- endfor -%}
    {{ return(buckets) }}
{%- endmacro %}

{# The rows computed again. One that is in no scope would come beside its old self, or take the place of its bucket's
   rows: it stops the build. #}
{% macro rows_in_scope(sql, scope, key) -%}
select computed.*
from (
    {{ rows_of_contract(sql) }}
) as computed
left join {{ scope_keys(scope) }} as scope on {{ key }} = scope._scope_key
where {{ stop_if("case when scope._scope_key is null then 'A row of " ~ this ~ " is in no scope.' end") }}
{%- endmacro %}

{# Rows of the scope's buckets that are not in the scope, and those computed again. #}
{% macro overwritten_buckets(sql, scope, key, buckets) -%}
insert overwrite table {{ this }} partition (row_bucket)
select kept.*
from {{ this }} as kept
left anti join {{ scope_keys(scope) }} as scope on {{ key }} = scope._scope_key
where kept.row_bucket in ({{ buckets | join(', ') }})
union all
select
    *,
    {{ bucket_of(key) }} as row_bucket
from (
    {{ rows_in_scope(sql, scope, key) }}
)
distribute by row_bucket
{%- endmacro %}

{# Delta has no subqueries in a delete. #}
{% macro deleted_in_scope(scope, key) -%}
merge into {{ this }} as kept
using (select distinct {{ scope_column(scope) }} as _scope_key from {{ ref(scope_model(scope)) }}) as scope
    on {{ key }} = scope._scope_key
when matched then delete
{%- endmacro %}
