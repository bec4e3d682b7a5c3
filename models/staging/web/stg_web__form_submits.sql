-- The newest version of every form submit and chat.
select
    _row_key as form_id,
    {{ normalise_cookie('COOKIE_ID') }} as cookie_id,
    {{ normalise_cookie('VISITOR_ID') }} as visitor_id,
    {{ trim_text('SESSION_ID') }} as session_id,
    {{ parse_timestamp('EVENT_DATE') }} as submitted_at,
    _is_deleted as is_deleted,
    lower({{ trim_text('EMAIL') }}) as email,
    coalesce(lower({{ trim_text('FORM_TYPE') }}) = 'chat', false) as is_chat,
    CURRENT_PAGE as page,
    CURRENT_PAGE_RAW as page_raw,
    _loaded_at,
    _batch_id
from {{ source('web', 'form_submits') }}
