{{ config(materialized='view') }}
-- One row per scenario and touch of a known cookie: those of the marts (`base`) and those of every other scenario.
select
    'base' as scenario,
    cookie_number,
    touch_number,
    touchpoint_date,
    task_id,
    is_conversion,
    is_made_by_call
from {{ ref('int_journeys__touches') }}
where is_touch
union all
select
    scenario,
    cookie_number,
    touch_number,
    touchpoint_date,
    task_id,
    is_conversion,
    is_made_by_call
from {{ ref('int_journeys__scenario_touches') }}
