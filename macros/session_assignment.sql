{# Places events that name no session (R1.9): of the cookie's sessions that started at or before the event and whose
   last activity, events already placed included, is at most the session timeout earlier, the one that started last;
   of several that started then, the smallest id.

   A placed event keeps its session open for the next one, so placing looks sequential. It is not: within a run of
   events with gaps of at most the timeout, each event can have at least what the one before it has, so its session is
   the running maximum, by start, of the sessions that the events of the run reach by themselves.

   events:  relation with event_id, cookie_id, event_at: those to place
   windows: relation with window_id (unique), session_id, cookie_id, started_at, opens_at, closes_at, opener_id:
            a session from its start to the timeout after its last activity; where an activity counts only from its
            own time on, from that time, with the activity's id as opener (ties of time go by id), else null
   Result:  event_id, session_id; no row for an event that has no session #}
{% macro assign_to_sessions(events, windows) -%}
with pairs as (
    {{ window_pairs(events, windows, variable('session_timeout_minutes')) }}
),

reachable as (
    select
        pairs.event_id,
        windows.cookie_id,
        windows.session_id,
        windows.started_at
    from pairs
    inner join {{ windows }} as windows on pairs.window_id = windows.window_id
    inner join {{ events }} as events on pairs.event_id = events.event_id
    where windows.opener_id is null
        or windows.opens_at < events.event_at
        or windows.opener_id < events.event_id
),

numbered as (
    select
        event_id,
        session_id,
        dense_rank() over (partition by cookie_id order by started_at, session_id desc) as session_number
    from reachable
),

reached as (
    select
        event_id,
        max(session_number) as session_number
    from numbered
    group by event_id
),

gaps as (
    select
        events.event_id,
        events.cookie_id,
        events.event_at,
        reached.session_number,
        case
            when events.event_at <= {{ add_minutes(
                'lag(events.event_at) over (partition by events.cookie_id order by events.event_at, events.event_id)',
                variable('session_timeout_minutes')) }} then 0
            else 1
        end as opens_run
    from {{ events }} as events
    left join reached on events.event_id = reached.event_id
),

runs as (
    select
        *,
        sum(opens_run) over (
            partition by cookie_id order by event_at, event_id rows between unbounded preceding and current row
        ) as run_number
    from gaps
),

placed as (
    select
        event_id,
        cookie_id,
        max(session_number) over (
            partition by cookie_id, run_number order by event_at, event_id
            rows between unbounded preceding and current row
        ) as session_number
    from runs
),

sessions_by_number as (
    select distinct
        reachable.cookie_id,
        numbered.session_id,
        numbered.session_number
    from numbered
    inner join reachable
        on numbered.event_id = reachable.event_id
        and numbered.session_id = reachable.session_id
)

select
    placed.event_id,
    sessions_by_number.session_id
from placed
inner join sessions_by_number
    on placed.cookie_id = sessions_by_number.cookie_id
    and placed.session_number = sessions_by_number.session_number
{%- endmacro %}
