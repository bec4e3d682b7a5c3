with sessions as (
    select
        session_id,
        started_at
    from {{ ref('int_sessions__keys') }}
),

page_activity as (
    select
        session_id,
        last_activity_at
    from {{ ref('int_sessions__page_activity') }}
),

forms as (
    select
        session_id,
        submitted_at
    from {{ ref('int_sessions__assigned_forms') }}
    where session_id is not null
),

activity as (
    select
        session_id,
        last_activity_at as active_at
    from page_activity
    union all
    select
        session_id,
        submitted_at
    from forms
),

latest as (
    select
        session_id,
        max(active_at) as last_activity_at
    from activity
    group by session_id
)

select
    latest.session_id,
    latest.last_activity_at
from latest
inner join sessions on latest.session_id = sessions.session_id
where latest.last_activity_at > sessions.started_at
