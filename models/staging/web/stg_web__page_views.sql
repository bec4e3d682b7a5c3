-- The newest version of every page view.
select
    _row_key as page_view_id,
    {{ normalise_cookie('COOKIE_ID') }} as cookie_id,
    {{ normalise_cookie('VISITOR_ID') }} as visitor_id,
    {{ trim_text('SESSION_ID') }} as session_id,
    {{ parse_timestamp('EVENT_DATE') }} as viewed_at,
    _is_deleted as is_deleted,
    CURRENT_PAGE as page,
    CURRENT_PAGE_RAW as page_raw,
    REFERRER_PAGE as referrer_page,
    REFERRER_PAGE_RAW as referrer_page_raw,
    USER_AGENT_STRING as device,
    _loaded_at,
    _batch_id
from {{ source('web', 'page_views') }}
