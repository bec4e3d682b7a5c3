{# R1.9: assigns events that name no session. Candidates are the cookie's sessions that started at or before the event and
   whose last activity, assigned events included, is at most the session timeout earlier. The session that started last
   wins, then the smallest id.

   An assigned event keeps its session open for the next event, so assignment looks sequential. A running maximum gives the
   same result: within a run of events with gaps of at most the timeout, each event can join the session of the event before
   it, so its session is the latest one that any event of the run so far reaches by itself.

   events:  relation with event_id, cookie_id, event_at
   windows: relation with window_id (unique), session_id, cookie_id, started_at, opens_at, closes_at, opener_id.
            A session is open from its start until the timeout after its last activity; opener_id is null. An activity that
            counts only from its own time on opens a window then; opener_id is its id, which breaks ties of time.
   Result:  event_id, session_id; no row for an event without a session #}
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
        cookie_id,
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

assigned as (
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
        cookie_id,
        session_id,
        session_number
    from numbered
)

select
    assigned.event_id,
    sessions_by_number.session_id
from assigned
inner join sessions_by_number
    on assigned.cookie_id = sessions_by_number.cookie_id
    and assigned.session_number = sessions_by_number.session_number
{%- endmacro %}
