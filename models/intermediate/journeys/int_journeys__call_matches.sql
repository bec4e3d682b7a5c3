-- R1.5: one pass covers all windows, because a longer window never loses a call except to a session that started later.
with calls as (
    select
        task_id as event_id,
        cookie_id,
        called_at as event_at
    from {{ ref('int_touchpoints__verdicts') }}
    where is_counted
),

windows as (
    select
        window_number,
        minutes,
        window_us,
        previous_us
    from {{ ref('int_journeys__windows') }}
),

sessions as (
    select
        sessions.session_id,
        sessions.cookie_id,
        sessions.started_at,
        {{ greater('sessions.started_at', 'activity.last_activity_at') }} as active_at
    from {{ ref('int_sessions__keys') }} as sessions
    left join {{ ref('int_sessions__last_activity') }} as activity on sessions.session_id = activity.session_id
    where sessions.cookie_id in (select cookie_id from calls)
),

-- The session that started last before the call wins if its window contains the call.
events as (
    select
        cookie_id,
        started_at as event_at,
        0 as is_call,
        session_id,
        cast(null as string) as task_id
    from sessions
    union all
    select
        cookie_id,
        event_at,
        1,
        null,
        event_id
    from calls
),

preceded as (
    select
        task_id,
        {{ last_non_null('session_id', '(partition by cookie_id order by event_at, is_call, session_id desc, task_id '
            ~ 'rows between unbounded preceding and current row)') }} as session_id
    from events
),

-- An earlier session matters only under the anchor last_activity, and only if it outlasts the session after it.
followed as (
    select
        *,
        lead(active_at) over (partition by cookie_id order by started_at, session_id desc) as next_active_at
    from sessions
),

outlasting as (
    select
        session_id as window_id,
        cookie_id,
        started_at as opens_at,
        {{ add_minutes('active_at', '(select max(minutes) from windows)') }} as closes_at
    from followed
    where active_at > next_active_at
),

outlasting_pairs as (
    {{ window_pairs('calls', 'outlasting', 240) }}
),

candidates as (
    select
        task_id,
        session_id
    from preceded
    where task_id is not null
        and session_id is not null
    union
    select
        event_id,
        window_id
    from outlasting_pairs
),

measured as (
    select
        candidates.task_id,
        candidates.session_id,
        sessions.started_at,
        {{ epoch_us('calls.event_at') }} - {{ epoch_us('sessions.started_at') }} as start_gap_us,
        case when calls.event_at > sessions.active_at
            then {{ epoch_us('calls.event_at') }} - {{ epoch_us('sessions.active_at') }} else 0 end as activity_gap_us
    from candidates
    inner join calls on candidates.task_id = calls.event_id
    inner join sessions on candidates.session_id = sessions.session_id
),

ranked as (
    select
        *,
        row_number() over (partition by task_id order by {{ preferred_session('started_at', 'session_id') }}) as preference,
        min(activity_gap_us) over (
            partition by task_id order by {{ preferred_session('started_at', 'session_id') }}
            rows between unbounded preceding and 1 preceding
        ) as until_us
    from measured
),

matches as (
    select
        task_id,
        'session_start' as anchor,
        session_id,
        start_gap_us as from_us,
        cast(null as bigint) as until_us
    from ranked
    where preference = 1
    union all
    select
        task_id,
        'last_activity',
        session_id,
        activity_gap_us,
        until_us
    from ranked
    where until_us is null
        or activity_gap_us < until_us
)

select
    matches.task_id,
    matches.anchor,
    matches.session_id,
    first_windows.window_number as from_window,
    coalesce(end_windows.window_number, (select count(*) + 1 from windows)) as until_window
from matches
inner join windows as first_windows
    on matches.from_us <= first_windows.window_us
    and matches.from_us > first_windows.previous_us
left join windows as end_windows
    on matches.until_us <= end_windows.window_us
    and matches.until_us > end_windows.previous_us
where first_windows.window_number < coalesce(end_windows.window_number, (select count(*) + 1 from windows))
