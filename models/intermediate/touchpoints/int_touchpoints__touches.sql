-- A table, so that the engine knows its row count and hashes it instead of the wide text of sessions: 8 GB less memory for
-- ten million sessions.
with session_channels as (
    select * from {{ ref('int_channels__sessions') }}
),

first_conversions as (
    select * from {{ ref('int_touchpoints__conversions') }} where conversion_number = 1
),

call_channels as (
    select
        inputs.utm_medium as touchpoint_medium,
        inputs.utm_source as call_source,
        inputs.channel_input_key
    from {{ ref('int_channels__inputs') }} as inputs
    where inputs.origin = 'call'
)

select
    session_channels.session_id,
    case when first_conversions.conversion_kind = 'call' then first_conversions.conversion_id end as task_id,
    case when first_conversions.conversion_kind <> 'call' then first_conversions.conversion_id end as form_id,
    case when first_conversions.conversion_kind <> 'call' then first_conversions.converted_at end as form_submitted_at,
    first_conversions.conversion_kind,
    session_channels.channel_input_key,
    session_channels.shown_channel_input_key
from session_channels
left join first_conversions on session_channels.session_id = first_conversions.session_id

union all

select
    cast(null as string),
    calls.task_id,
    cast(null as string),
    cast(null as timestamp),
    'call',
    call_channels.channel_input_key,
    call_channels.channel_input_key as shown_channel_input_key
from {{ ref('int_touchpoints__verdicts') }} as calls
inner join call_channels
    on coalesce(calls.touchpoint_medium, '') = call_channels.touchpoint_medium
    and {{ call_source('calls.activity_object') }} = call_channels.call_source
where calls.verdict in ('separate_unknown_bizible_id', 'separate_outside_window')
