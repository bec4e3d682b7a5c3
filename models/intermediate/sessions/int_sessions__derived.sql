select
    session_id,
    max(cookie_id) as cookie_id,
    -- R4.2: the first page view gives the attributes, even if a form opened the session or they are empty.
    nullif(coalesce(
        {{ min_by("coalesce(visitor_id, '')", 'event_number', 'is_page_view') }},
        max(case when event_number = 1 then visitor_id end)
    ), '') as visitor_id,
    min(event_at) as started_at,
    {{ min_by('event_id', 'event_number', 'is_page_view') }} as first_page_view_id
from {{ ref('int_sessions__events') }}
group by session_id
