{# The project's materializations on Spark. Parquet tables can only replace whole partitions: a stored mart is partitioned by
   a bucket of its key, and an incremental build overwrites the buckets of the affected keys. With Iceberg
   (CALL_ATTRIBUTION_SPARK_FORMAT), it deletes and inserts rows. #}
{% macro has_table_format() -%}
    {{ return(env_var('CALL_ATTRIBUTION_SPARK_FORMAT', '') == 'iceberg') }}
{%- endmacro %}

{% macro bucket_of(key) -%}
pmod(hash({{ key }}), {{ env_var('CALL_ATTRIBUTION_SPARK_BUCKETS', '4') }})
{%- endmacro %}

{# The distinct affected keys with their buckets. #}
{% macro affected_buckets(kinds) -%}
(
    select
        key as _affected_key,
        {{ bucket_of('key') }} as _affected_bucket
    from {{ affected_keys(kinds) }}
    group by key
)
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
            {{ create_table_as(false, this, sql) if has_table_format() else create_in_buckets(sql, key.column) }}
        {%- endcall -%}
        {%- do persist_docs(this, model) -%}
    {%- elif has_table_format() -%}
        {%- do run_query(delete_affected_rows(key)) -%}
        {%- call statement('main') -%}
insert into {{ this }}
{{ computed_rows(sql, key) }}
        {%- endcall -%}
    {%- else -%}
        {%- set buckets = buckets_of_affected_rows(key) -%}
        {%- if buckets.emptied -%}
            {#- An overwrite replaces only partitions to which it writes a row, so drop the emptied ones. -#}
            {%- do run_query('alter table ' ~ this ~ ' drop if exists ' ~ buckets.emptied | join(', ')) -%}
        {%- endif -%}
        {%- if buckets.all -%}
            {%- call statement('main') -%}
                {{ overwrite_buckets(sql, key, buckets.all) }}
            {%- endcall -%}
        {%- else -%}
            {%- call noop_statement('main', 'no affected rows') -%} {%- endcall -%}
        {%- endif -%}
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

{# The bucket is an extra column that exists only in the names of the partition folders. #}
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

{# The buckets of the affected keys, and those of their partitions that lose all rows. #}
{% macro buckets_of_affected_rows(key) -%}
    {%- set found -%}
select
    bucket,
    count(is_unaffected) > 0 and not max(is_unaffected) as is_emptied
from (
    select
        _affected_bucket as bucket,
        cast(null as boolean) as is_unaffected
    from {{ affected_buckets(key.kinds) }}
    union all
    select
        stored.row_bucket,
        affected._affected_key is null
    from {{ this }} as stored
    left join {{ affected_buckets(key.kinds) }} as affected on {{ key.column }} = affected._affected_key
)
group by bucket
having count(*) > count(is_unaffected)
order by bucket
    {%- endset -%}
    {%- set buckets = {'all': [], 'emptied': []} -%}
    {%- for bucket, is_emptied in run_query(found).rows -%}
        {%- do buckets.all.append(bucket | int) -%}
        {%- if is_emptied -%} {%- do buckets.emptied.append('partition (row_bucket = ' ~ bucket | int ~ ')') -%} {%- endif -%}
    {%- endfor -%}
    {{ return(buckets) }}
{%- endmacro %}

{# A computed row of a component that is not affected would exist twice or replace the rows of its bucket, so it stops the
   build. #}
{% macro computed_rows(sql, key) -%}
select computed.*
from (
    {{ rows_of_contract(sql) }}
) as computed
left join {{ affected_buckets(key.kinds) }} as affected on {{ key.column }} = affected._affected_key
where {{ raise_if("case when affected._affected_key is null then '" ~ this ~ " computed a row of a component that is not affected.' end") }}
{%- endmacro %}

{# Writes the unaffected rows of these buckets and the computed rows. All are shuffled, so that a bucket stays one file: left where
   they are read, unaffected rows would make 35 files of each of 64 buckets within a year. #}
{% macro overwrite_buckets(sql, key, buckets) -%}
insert overwrite table {{ this }} partition (row_bucket)
select stored.*
from {{ this }} as stored
left anti join {{ affected_buckets(key.kinds) }} as affected on {{ key.column }} = affected._affected_key
where stored.row_bucket in ({{ buckets | join(', ') }})
union all
select
    *,
    {{ bucket_of(key.column) }} as row_bucket
from (
    {{ computed_rows(sql, key) }}
)
distribute by row_bucket
{%- endmacro %}

{% macro delete_affected_rows(key) -%}
merge into {{ this }} as stored
using (select distinct key as _affected_key from {{ affected_keys(key.kinds) }}) as affected
    on {{ key.column }} = affected._affected_key
when matched then delete
{%- endmacro %}
