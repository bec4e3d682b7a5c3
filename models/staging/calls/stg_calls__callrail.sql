select
    'callrail' as provider,
    _row_key as provider_call_id,
    cast(null as string) as other_call_ids,
    {{ parse_timestamp('start_time') }} as started_at,
    {{ parse_seconds('duration') }} as duration_seconds,
    customer_phone_number as caller_number,
    tracking_phone_number as tracking_number,
    lower(direction) as direction,
    -- Not person_id: every caller has one, even without a web visit. Only a session id means a web visit.
    session_uuid as visitor_id,
    coalesce(source, source_name) as source,
    gclid as gclid,
    cast(null as string) as crm_task_id,
    coalesce({{ parse_boolean('spam') }}, false) as is_hidden
from {{ source('calls', 'callrail') }}
where not _is_deleted
