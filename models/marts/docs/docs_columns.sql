-- For SQL clients that do not show comments. Its hook creates the file's macros, so it depends on the marts that they read.
-- depends_on: {{ ref('fct_calls') }}
-- depends_on: {{ ref('fct_touchpoints') }}
-- depends_on: {{ ref('fct_person_touchpoints') }}
-- depends_on: {{ ref('fct_buyer_touchpoints') }}
-- depends_on: {{ ref('fct_attribution_touchpoints') }}
-- depends_on: {{ ref('rpt_unattributed_opportunities') }}
-- depends_on: {{ ref('docs_verdicts') }}
-- depends_on: {{ ref('verdict_hints') }}
-- depends_on: {{ ref('biz_crm_tasks') }}
-- depends_on: {{ ref('biz_crm_events') }}
-- depends_on: {{ ref('biz_opportunities') }}
{{ config(enabled=target.type == 'duckdb', materialized='one_statement_view', post_hook="{{ create_published_macros() }}") }}

with tables as (
    select
        database_name,
        table_name,
        comment
    from duckdb_tables()
    where schema_name = 'main'
    union all
    select
        database_name,
        view_name,
        comment
    from duckdb_views()
    where schema_name = 'main'
),

-- The analyst chooses the name of the attached file; find it by the view that it contains.
this_file as (
    select database_name from duckdb_views() where view_name = 'docs_columns'
)

select distinct
    columns.table_name,
    columns.column_index as column_number,
    columns.column_name,
    columns.data_type,
    trim(columns.comment, chr(10)) as description,
    trim(tables.comment, chr(10)) as table_description
from duckdb_columns() as columns
inner join tables
    on columns.database_name = tables.database_name
    and columns.table_name = tables.table_name
where columns.schema_name = 'main'
    and columns.database_name in (select database_name from this_file)
