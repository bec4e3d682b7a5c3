select
    session_id,
    max(viewed_at) as last_activity_at
from {{ ref('int_sessions__assigned_page_views') }}
group by session_id
