-- R1.6, R1.7: only the sessions of calls depend on the window. All other facts are the same in every scenario.
with scenarios as (
    select
        scenario_number,
        anchor,
        window_number
    from {{ ref('int_journeys__scenarios') }}
    where has_call_tracking
),

journey_cookies as (
    select
        scenario_number,
        cookie_number
    from {{ ref('int_journeys__journey_cookies') }}
),

sessions as (
    select
        touch_number,
        touchpoint_id
    from {{ ref('int_journeys__touches') }}
    where task_id is null
),

calls as (
    select
        touch_number,
        task_id,
        cookie_number,
        touchpoint_date
    from {{ ref('int_journeys__touches') }}
    where task_id is not null
),

verdicts as (
    select
        task_id,
        session_id
    from {{ ref('int_touchpoints__verdicts') }}
    where is_counted
),

call_matches as (
    select
        task_id,
        anchor,
        session_id,
        from_window,
        until_window
    from {{ ref('int_journeys__call_matches') }}
),

scenario_cookies as (
    select distinct
        scenario_number,
        cookie_number
    from journey_cookies
    where cookie_number in (select cookie_number from calls)
),

scenario_calls as (
    select
        scenarios.scenario_number,
        scenarios.anchor,
        scenarios.window_number,
        calls.touch_number,
        calls.task_id,
        calls.touchpoint_date
    from scenario_cookies
    inner join scenarios on scenario_cookies.scenario_number = scenarios.scenario_number
    inner join calls on scenario_cookies.cookie_number = calls.cookie_number
),

call_sessions as (
    select
        scenario_calls.*,
        case when scenario_calls.anchor is null then verdicts.session_id else call_matches.session_id end as session_id
    from scenario_calls
    inner join verdicts on scenario_calls.task_id = verdicts.task_id
    left join call_matches
        on scenario_calls.task_id = call_matches.task_id
        and scenario_calls.anchor = call_matches.anchor
        and scenario_calls.window_number >= call_matches.from_window
        and scenario_calls.window_number < call_matches.until_window
)

select
    call_sessions.scenario_number,
    call_sessions.task_id,
    call_sessions.touch_number,
    call_sessions.touchpoint_date,
    sessions.touch_number as session_touch_number
from call_sessions
left join sessions on {{ session_touchpoint_id('call_sessions.session_id') }} = sessions.touchpoint_id
