-- R1.6, R1.7: only the sessions of calls depend on the window. All other facts are the same in every scenario.
with scenarios as (
    select
        scenario_key,
        anchor,
        window_number
    from {{ ref('int_journeys__scenarios') }}
    where has_call_tracking
),

journey_cookies as (
    select
        scenario_key,
        cookie_key
    from {{ ref('int_journeys__journey_cookies') }}
),

sessions as (
    select
        touch_key,
        touchpoint_id
    from {{ ref('int_journeys__touches') }}
    where task_id is null
),

calls as (
    select
        touch_key,
        task_id,
        cookie_key,
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
        scenario_key,
        cookie_key
    from journey_cookies
    where cookie_key in (select cookie_key from calls)
),

scenario_calls as (
    select
        scenarios.scenario_key,
        scenarios.anchor,
        scenarios.window_number,
        calls.touch_key,
        calls.task_id,
        calls.touchpoint_date
    from scenario_cookies
    inner join scenarios on scenario_cookies.scenario_key = scenarios.scenario_key
    inner join calls on scenario_cookies.cookie_key = calls.cookie_key
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
    call_sessions.scenario_key,
    call_sessions.task_id,
    call_sessions.touch_key,
    call_sessions.touchpoint_date,
    sessions.touch_key as session_touch_key
from call_sessions
left join sessions on {{ session_touchpoint_id('call_sessions.session_id') }} = sessions.touchpoint_id
