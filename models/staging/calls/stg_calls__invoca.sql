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
        coalesce(corrects_transaction_id, _row_key) as transaction_id,
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
        coalesce(complete_call_id, transaction_id) as provider_call_id,
        transaction_id,
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
),

-- A Task can name any transaction of its call: Invoca's integration writes one for each leg and for each correction.
ids as (
    select
        transaction_id,
        transaction_id as id
    from transactions
    union distinct
    select
        transaction_id,
        _row_key
    from transactions
),

ids_of_calls as (
    select
        legs.provider_call_id,
        {{ ordered_listagg('ids.id', ['ids.id'], ' ') }} as other_call_ids
    from legs
    inner join ids on legs.transaction_id = ids.transaction_id
    group by legs.provider_call_id
)

select
    'invoca' as provider,
    numbered.provider_call_id,
    ids_of_calls.other_call_ids,
    numbered.started_at,
    numbered.duration_seconds,
    numbered.caller_number,
    -- The log has only the id of the promo number.
    cast(null as string) as tracking_number,
    'inbound' as direction,
    numbered.visitor_id,
    numbered.source,
    numbered.gclid,
    cast(null as string) as crm_task_id,
    false as is_hidden
from numbered
inner join ids_of_calls on numbered.provider_call_id = ids_of_calls.provider_call_id
where numbered.leg_number = 1
