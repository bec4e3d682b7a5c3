{{ config(materialized='view') }}
-- One row per scenario, record and touch: all sessions of the record's cookies, and the separate calls that are the
-- record's (R5.2, R5.3). A view, because nobody needs all of them at rest.
with touches as (
    select * from {{ ref('int_scenarios__all_touches') }}
),

record_cookies as (
    select * from {{ ref('int_scenarios__record_cookies') }}
),

record_touches as (
    select
        touches.scenario,
        record_cookies.record_id,
        touches.touchpoint_id,
        touches.touchpoint_date,
        touches.is_conversion
    from touches
    inner join record_cookies
        on touches.cookie_id = record_cookies.cookie_id
        and touches.scenario = record_cookies.scenario
    where touches.session_id is not null
    union all
    select
        touches.scenario,
        record_calls.record_id,
        touches.touchpoint_id,
        touches.touchpoint_date,
        touches.is_conversion
    from touches
    inner join {{ ref('int_people__record_calls') }} as record_calls on touches.separate_task_id = record_calls.task_id
)

select
    scenario,
    record_id,
    touchpoint_id,
    touchpoint_date,
    is_conversion,
    {{ touch_order('touchpoint_date', 'touchpoint_id') }} as touch_order
from record_touches
