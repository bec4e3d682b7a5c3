with transactions as (
    select
        _row_key,
        corrects_transaction_id,
        complete_call_id,
        start_time_utc,
        start_time_xml,
        duration,
        calling_phone_number,
        call_source_description,
        invoca_id,
        gclid,
        row_number() over (
            partition by coalesce(corrects_transaction_id, _row_key)
            -- The last correction counts; the id breaks ties.
            order by
                coalesce({{ parse_timestamp('corrected_at') }}, timestamp '0001-01-01') desc,
                case when corrects_transaction_id is null then 1 else 0 end,
                _row_key desc
        ) as version_number
    from {{ source('calls', 'invoca') }}
    where not _is_deleted
        and coalesce(lower(transaction_type), 'call') = 'call'
),

legs as (
    select
        coalesce(
            complete_call_id, corrects_transaction_id, _row_key
        ) as provider_call_id,
        coalesce(corrects_transaction_id, _row_key) as transaction_id,
        coalesce({{ parse_timestamp('start_time_utc') }}, {{ parse_timestamp('start_time_xml') }}) as started_at,
        {{ parse_seconds('duration') }} as duration_seconds,
        calling_phone_number as caller_number,
        call_source_description as source,
        invoca_id as visitor_id,
        gclid as gclid
    from transactions
    where version_number = 1
),

numbered as (
    select
        *,
        row_number() over (partition by provider_call_id order by started_at nulls last, transaction_id) as leg_number
    from legs
)

select
    'invoca' as provider,
    provider_call_id,
    transaction_id as second_call_id,
    started_at,
    duration_seconds,
    caller_number,
    -- The log has only the id of the promo number.
    cast(null as string) as tracking_number,
    'inbound' as direction,
    visitor_id,
    source,
    gclid,
    cast(null as string) as crm_task_id,
    false as is_hidden
from numbered
where leg_number = 1
