{{ config(materialized='view') }}
-- One row per scenario and touch: those of the marts (`base`) and those of every other scenario.
select
    'base' as scenario,
    touchpoint_id,
    session_id,
    case when session_id is null then crm_task_id end as separate_task_id,
    cookie_id,
    touchpoint_date,
    is_conversion,
    crm_task_id is not null as is_made_by_call
from {{ ref('int_touchpoints') }}
union all
select
    scenario,
    touchpoint_id,
    session_id,
    separate_task_id,
    cookie_id,
    touchpoint_date,
    is_conversion,
    is_made_by_call
from {{ ref('int_scenarios__touches') }}
