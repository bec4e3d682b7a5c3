with calls as (
    select * from {{ ref('stg_calls__calltrackingmetrics') }}
    union all
    select * from {{ ref('stg_calls__callrail') }}
    union all
    select * from {{ ref('stg_calls__invoca') }}
),

anonymous as (
    select caller_number
    from {{ ref('anonymous_caller_numbers') }}
),

normalised as (
    select
        *,
        {{ phone_number('caller_number') }} as normalised_number
    from calls
)

select
    normalised.provider,
    normalised.provider_call_id,
    normalised.other_call_ids,
    normalised.started_at,
    {{ add_call_length('normalised.started_at', 'coalesce(normalised.duration_seconds, 0)') }} as ended_at,
    normalised.duration_seconds,
    case when anonymous.caller_number is null then normalised.normalised_number end as caller_number,
    normalised.caller_number as caller_number_as_logged,
    normalised.tracking_number,
    normalised.direction,
    normalised.visitor_id,
    normalised.source,
    normalised.gclid,
    normalised.crm_task_id,
    normalised.is_hidden
from normalised
left join anonymous on normalised.normalised_number = anonymous.caller_number
