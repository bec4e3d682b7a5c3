-- One row per group with a won opportunity and calls, anchor and window: the scenario that tells how the group's journey
-- looks under that window. Windows between which none of the group's calls changes its session share one scenario, and
-- where every call lies as it lies in the marts that is the scenario `base`.
with windows as (
    select * from {{ ref('int_journeys__windows') }}
),

anchors as (
    select distinct anchor from (values ('session_start'), ('last_activity')) as names (anchor)
),

calls as (
    select
        cookies.group_id,
        calls.task_id,
        calls.session_id
    from {{ ref('int_journeys__group_cookies') }} as cookies
    inner join {{ ref('int_journeys__known_cookies') }} as known on cookies.cookie_number = known.cookie_number
    inner join {{ ref('int_touchpoints__verdicts') }} as calls
        on known.cookie_id = calls.cookie_id
        and calls.is_tracked
    where cookies.group_id in (
        select group_id from {{ ref('int_opportunities__live') }} where is_won and amount_cents is not null
    )
),

ties as (
    select
        calls.group_id,
        calls.task_id,
        calls.session_id,
        anchors.anchor,
        ties.session_id as tied_session_id,
        ties.from_window,
        ties.until_window
    from calls
    cross join anchors
    left join {{ ref('int_journeys__call_matches') }} as ties
        on calls.task_id = ties.task_id
        and anchors.anchor = ties.anchor
),

-- From which window up to which one the call lies as it does in the marts.
call_ranges as (
    select
        group_id,
        anchor,
        case when session_id is null then 1
            else coalesce(max(case when tied_session_id = session_id then from_window end), 1000000) end as same_from,
        case when session_id is null then coalesce(min(from_window), 1000000)
            else coalesce(max(case when tied_session_id = session_id then until_window end), 0) end as same_until
    from ties
    group by group_id, anchor, task_id, session_id
),

group_ranges as (
    select
        group_id,
        anchor,
        max(same_from) as same_from,
        min(same_until) as same_until
    from call_ranges
    group by group_id, anchor
),

changes as (
    select
        group_id,
        anchor,
        from_window as window_number
    from ties
    where from_window is not null
    union
    select
        group_id,
        anchor,
        until_window
    from ties
    where until_window is not null
),

staged as (
    select
        ranges.group_id,
        ranges.anchor,
        windows.window_number,
        windows.minutes,
        windows.window_number >= ranges.same_from and windows.window_number < ranges.same_until as is_base,
        coalesce(
            max(changes.window_number) over (
                partition by ranges.group_id, ranges.anchor order by windows.window_number
                rows between unbounded preceding and current row
            ),
            1
        ) as changed_window
    from group_ranges as ranges
    cross join windows
    left join changes
        on ranges.group_id = changes.group_id
        and ranges.anchor = changes.anchor
        and windows.window_number = changes.window_number
)

select
    staged.group_id,
    staged.anchor,
    staged.window_number,
    staged.minutes,
    case when staged.is_base then 'base'
        else case staged.anchor when 'session_start' then 'start_' else 'active_' end || cast(changed.minutes as string)
    end as scenario,
    staged.changed_window
from staged
inner join windows as changed on staged.changed_window = changed.window_number
