{{ config(
    materialized='global_table' if target.type in ('duckdb', 'spark') else 'table',
    meta={'change': 'The first history of a stage field landed, or all its rows were deleted.'}
) }}

with stages as (
    select
        position_name,
        object,
        stage_number
    from {{ ref('int_opportunities__position_names') }}
    where object is not null
),

histories as (
    select
        object,
        history_rows
    from {{ ref('stg_salesforce__stage_histories') }}
)

select
    stages.position_name,
    stages.object,
    stages.stage_number,
    histories.history_rows > 0 as is_tracked
from stages
inner join histories on stages.object = histories.object
