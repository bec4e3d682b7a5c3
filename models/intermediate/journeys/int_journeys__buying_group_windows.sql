-- R9.5: most windows change nothing for most buying groups. Windows under which all calls of a group have the same sessions share
-- one scenario; if these are the sessions of the marts, it is the scenario in force.
{%- set no_window = 1000000 %}

with windows as (
    select window_number from {{ ref('int_journeys__windows') }}
),

scenarios as (
    select
        scenario_key,
        scenario,
        anchor,
        window_number
    from {{ ref('int_journeys__scenarios') }}
),

won_buying_groups as (
    select distinct buying_group_id
    from {{ ref('int_opportunities__live') }}
    where is_won
        and amount_cents is not null
),

buying_group_cookies as (
    select
        buying_group_id,
        cookie_key
    from {{ ref('int_journeys__buying_group_cookies') }}
    where buying_group_id in (select buying_group_id from won_buying_groups)
),

known_cookies as (
    select
        cookie_id,
        cookie_key
    from {{ ref('int_journeys__known_cookies') }}
),

tracked_calls as (
    select
        task_id,
        cookie_id,
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

anchors as (
    select distinct anchor
    from scenarios
    where anchor is not null
),

matches as (
    select
        buying_group_cookies.buying_group_id,
        tracked_calls.task_id,
        tracked_calls.session_id,
        anchors.anchor,
        call_matches.session_id as matched_session_id,
        call_matches.from_window,
        call_matches.until_window
    from buying_group_cookies
    inner join known_cookies on buying_group_cookies.cookie_key = known_cookies.cookie_key
    inner join tracked_calls on known_cookies.cookie_id = tracked_calls.cookie_id
    cross join anchors
    left join call_matches
        on tracked_calls.task_id = call_matches.task_id
        and anchors.anchor = call_matches.anchor
),

-- The windows under which the call has its session of the marts.
call_ranges as (
    select
        buying_group_id,
        anchor,
        case when session_id is null then 1
            else coalesce(max(case when matched_session_id = session_id then from_window end), {{ no_window }})
        end as same_from,
        case when session_id is null then coalesce(min(from_window), {{ no_window }})
            else coalesce(max(case when matched_session_id = session_id then until_window end), 0)
        end as same_until
    from matches
    group by buying_group_id, anchor, task_id, session_id
),

buying_group_ranges as (
    select
        buying_group_id,
        anchor,
        max(same_from) as same_from,
        min(same_until) as same_until
    from call_ranges
    group by buying_group_id, anchor
),

changes as (
    select
        buying_group_id,
        anchor,
        from_window as window_number
    from matches
    where from_window is not null
    union
    select
        buying_group_id,
        anchor,
        until_window
    from matches
    where until_window is not null
),

buying_group_windows as (
    select
        buying_group_ranges.buying_group_id,
        buying_group_ranges.anchor,
        windows.window_number,
        windows.window_number >= buying_group_ranges.same_from
        and windows.window_number < buying_group_ranges.same_until as is_in_force,
        coalesce(
            max(changes.window_number) over (
                partition by buying_group_ranges.buying_group_id, buying_group_ranges.anchor order by windows.window_number
                rows between unbounded preceding and current row
            ),
            1
        ) as changed_window
    from buying_group_ranges
    cross join windows
    left join changes
        on buying_group_ranges.buying_group_id = changes.buying_group_id
        and buying_group_ranges.anchor = changes.anchor
        and windows.window_number = changes.window_number
)

select
    buying_group_windows.buying_group_id,
    buying_group_windows.anchor,
    buying_group_windows.window_number,
    case when buying_group_windows.is_in_force then in_force.scenario_key else scenarios.scenario_key end
        as scenario_key
from buying_group_windows
inner join scenarios
    on buying_group_windows.anchor = scenarios.anchor
    and buying_group_windows.changed_window = scenarios.window_number
inner join scenarios as in_force on in_force.scenario = 'in_force'
