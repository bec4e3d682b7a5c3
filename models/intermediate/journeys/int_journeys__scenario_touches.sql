-- One row per scenario other than `base` and touch of the cookies that it concerns: the touches as they would be with
-- another window or without call tracking (R1.6, R1.7).
with cookies as (
    select distinct
        scenario,
        anchor,
        window_number,
        cookie_number
    from {{ ref('int_journeys__scenario_cookies') }}
    where scenario <> 'base'
),

touches as (
    select * from {{ ref('int_journeys__touches') }}
),

calls as (
    select
        cookies.scenario,
        calls.touch_number,
        calls.task_id,
        calls.cookie_number,
        calls.touchpoint_date,
        'session-' || ties.session_id as session_touchpoint_id
    from cookies
    inner join touches as calls
        on cookies.cookie_number = calls.cookie_number
        and calls.task_id is not null
    left join {{ ref('int_journeys__call_matches') }} as ties
        on calls.task_id = ties.task_id
        and cookies.anchor = ties.anchor
        and cookies.window_number >= ties.from_window
        and cookies.window_number < ties.until_window
    where cookies.scenario <> 'no_calls'
),

first_calls as (
    select
        calls.scenario,
        sessions.touch_number,
        min(calls.touchpoint_date) as called_at
    from calls
    inner join touches as sessions on calls.session_touchpoint_id = sessions.touchpoint_id
    group by calls.scenario, sessions.touch_number
)

select
    cookies.scenario,
    touches.cookie_number,
    touches.touch_number,
    touches.touchpoint_date,
    cast(null as string) as task_id,
    touches.first_form_at is not null or first_calls.called_at is not null as is_conversion,
    -- At equal times the form makes the touchpoint.
    first_calls.called_at is not null
    and (touches.first_form_at is null or first_calls.called_at < touches.first_form_at) as is_made_by_call
from cookies
inner join touches
    on cookies.cookie_number = touches.cookie_number
    and touches.task_id is null
left join first_calls
    on touches.touch_number = first_calls.touch_number
    and cookies.scenario = first_calls.scenario
union all
select
    scenario,
    cookie_number,
    touch_number,
    touchpoint_date,
    task_id,
    true,
    true
from calls
where session_touchpoint_id is null
