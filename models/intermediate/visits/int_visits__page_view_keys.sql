select
    page_view_id,
    cookie_id,
    session_id,
    viewed_at
from {{ ref('stg_web__page_views') }} as page_views
where not is_deleted
    and is_page_view
