{{ config(materialized='view') }}
-- One row per scenario, record and touch: all sessions of the record's cookies, and the separate calls that are the
-- record's (R5.2, R5.3). A view, because nobody needs all of them at rest.
with touches as (
    select * from {{ ref('int_journeys__all_touches') }}
)

select
    touches.scenario,
    record_cookies.record_id,
    touches.touch_number,
    touches.touchpoint_date,
    touches.is_conversion
from touches
inner join {{ ref('int_journeys__scenario_record_cookies') }} as record_cookies
    on touches.cookie_number = record_cookies.cookie_number
    and touches.scenario = record_cookies.scenario
where touches.task_id is null
union all
select
    touches.scenario,
    record_calls.record_id,
    touches.touch_number,
    touches.touchpoint_date,
    touches.is_conversion
from touches
inner join {{ ref('int_journeys__record_calls') }} as record_calls on touches.task_id = record_calls.task_id
