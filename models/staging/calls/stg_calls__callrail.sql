-- The newest version of every call in CallRail's log.
select
    'callrail' as provider,
    _row_key as provider_call_id,
    cast(null as string) as second_call_id,
    {{ parse_timestamp('start_time') }} as started_at,
    {{ parse_seconds('duration') }} as duration_seconds,
    {{ trim_text('customer_phone_number') }} as caller_number,
    {{ trim_text('tracking_phone_number') }} as tracking_number,
    lower({{ trim_text('direction') }}) as direction,
    {{ trim_text('coalesce(session_uuid, person_id)') }} as visitor_id,
    {{ trim_text('coalesce(source, source_name)') }} as source,
    {{ trim_text('gclid') }} as gclid,
    cast(null as string) as crm_task_id,
    coalesce({{ parse_boolean('spam') }}, false) as is_hidden
from {{ source('calls', 'callrail') }}
where not _is_deleted
