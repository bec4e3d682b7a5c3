with calls as (
    select * from {{ ref('stg_calls__calltrackingmetrics') }}
    union all
    select * from {{ ref('stg_calls__callrail') }}
    union all
    select * from {{ ref('stg_calls__invoca') }}
),

compared as (
    select
        *,
        {{ phone_number('caller_number') }} as compared_number
    from calls
)

select
    compared.provider,
    compared.provider_call_id,
    compared.second_call_id,
    compared.started_at,
    {{ add_seconds('compared.started_at', 'coalesce(compared.duration_seconds, 0)') }} as ended_at,
    compared.duration_seconds,
    case when anonymous.caller_number is null then compared.compared_number end as caller_number,
    compared.caller_number as caller_number_as_logged,
    compared.tracking_number,
    compared.direction,
    compared.visitor_id,
    compared.source,
    compared.gclid,
    compared.crm_task_id,
    compared.is_hidden
from compared
left join {{ ref('anonymous_caller_numbers') }} as anonymous on compared.compared_number = anonymous.caller_number
