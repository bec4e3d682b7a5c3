with page_views as (
    select
        page_views.page_view_id,
        page_views.cookie_id,
        page_views.viewed_at,
        sessions.session_id
    from {{ ref('int_visits__page_view_keys') }} as page_views
    cross join {{ ref('int_visits__session_origin') }} as session_origin
    left join {{ ref('int_sessions__keys') }} as sessions on page_views.session_id = sessions.session_id
    where session_origin.uses_source_sessions
        and page_views.viewed_at is not null
),

named as (
    select
        session_id,
        max(viewed_at) as last_activity_at
    from page_views
    where session_id is not null
    group by session_id
),

events as (
    select
        page_view_id as event_id,
        cookie_id,
        viewed_at as event_at
    from page_views
    where session_id is null
        and cookie_id is not null
),

windows as (
    select
        sessions.session_id as window_id,
        sessions.session_id,
        sessions.cookie_id,
        sessions.started_at,
        sessions.started_at as opens_at,
        {{ add_minutes(greater('sessions.started_at', 'named.last_activity_at'), variable('session_timeout_minutes')) }}
            as closes_at,
        cast(null as string) as opener_id
    from {{ ref('int_sessions__keys') }} as sessions
    left join named on sessions.session_id = named.session_id
    where sessions.cookie_id in (select cookie_id from events)
),

assigned as (
    {{ assign_to_sessions('events', 'windows') | indent(4) }}
)

select
    page_view_id,
    session_id,
    viewed_at
from page_views
where session_id is not null
union all
select
    assigned.event_id,
    assigned.session_id,
    events.event_at
from assigned
inner join events on assigned.event_id = events.event_id
union all
select
    event_id,
    session_id,
    event_at
from {{ ref('int_sessions__events') }}
where is_page_view
