-- Only the anchor last_activity reads this model; declared here because one parse serves every value of a variable:
-- depends_on: {{ ref('int_sessions__last_activity') }}
with calls as (
    select
        task_id as event_id,
        cookie_id,
        called_at as event_at
    from {{ ref('int_calls__tasks') }}
    where cookie_id is not null
        and called_at is not null
),

-- Only sessions of cookies that called: a few percent of all sessions.
windows as (
    select
        sessions.session_id as window_id,
        sessions.cookie_id,
        sessions.started_at as opens_at,
        {%- if variable('call_session_window_anchor') == 'last_activity' %}
        {{ call_window_closes_at('sessions.started_at', 'coalesce(activity.last_activity_at, sessions.started_at)') }} as closes_at
    from {{ ref('int_sessions__keys') }} as sessions
    left join {{ ref('int_sessions__last_activity') }} as activity on sessions.session_id = activity.session_id
        {%- else %}
        {{ call_window_closes_at('sessions.started_at', 'null') }} as closes_at
    from {{ ref('int_sessions__keys') }} as sessions
        {%- endif %}
    where sessions.cookie_id in (select cookie_id from calls)
),

pairs as (
    {{ window_pairs('calls', 'windows', variable('call_session_window_minutes')) }}
),

ranked as (
    select
        event_id,
        window_id,
        row_number() over (partition by event_id order by {{ preferred_session('opens_at', 'window_id') }}) as session_rank,
        count(*) over (partition by event_id) as candidate_session_count
    from pairs
)

select
    event_id as task_id,
    window_id as session_id,
    candidate_session_count
from ranked
where session_rank = 1
