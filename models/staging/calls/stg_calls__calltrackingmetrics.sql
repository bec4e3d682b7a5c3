select
    'calltrackingmetrics' as provider,
    _row_key as provider_call_id,
    sid as other_call_ids,
    coalesce({{ parse_timestamp('unix_time') }}, {{ parse_timestamp('called_at') }}) as started_at,
    {{ parse_seconds('duration') }} as duration_seconds,
    coalesce(contact_number, caller_number_complete, caller_number_bare, caller_number)
        as caller_number,
    coalesce(tracking_number_bare, tracking_number) as tracking_number,
    lower(direction) as direction,
    visitor_sid as visitor_id,
    source as source,
    {{ without_null_words(trim_text(json_text('ga', 'gclid'))) }} as gclid,
    -- The field lists the records that the integration wrote.
    {{ task_id_in('salesforce') }} as crm_task_id,
    coalesce({{ parse_boolean('excluded') }}, false) as is_hidden
from {{ source('calls', 'calltrackingmetrics') }}
where not _is_deleted
    and coalesce(lower(direction), 'inbound') in ('inbound', 'outbound')
