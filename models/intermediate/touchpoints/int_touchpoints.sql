{{ kept('touchpoints') }}
-- One row per touch: every live session, and every call that makes a touchpoint of its own (R1.6, R1.7). Keys, types
-- and channel only; the wide text joins in fct_touchpoints.
with sessions as (
    select * from {{ ref('int_sessions') }}
),

first_conversions as (
    select * from {{ ref('int_touchpoints__conversions') }} where conversion_number = 1
),

calls as (
    select *
    from {{ ref('int_calls__verdicts') }}
    where (verdict like 'merged%' or verdict like 'separate%')
        and {{ in_scope('tasks', 'task_id') }}
),

channels as (
    select * from {{ ref('int_channels') }}
),

call_channels as (
    select
        inputs.utm_medium as touchpoint_medium,
        inputs.channel_input_id
    from {{ ref('int_channels__inputs') }} as inputs
    where inputs.origin = 'call'
),

of_sessions as (
    select
        'session-' || sessions.session_id as touchpoint_id,
        sessions.session_id,
        calls.task_id as crm_task_id,
        sessions.cookie_id,
        sessions.started_at as touchpoint_date,
        first_conversions.conversion_id is not null as is_conversion,
        first_conversions.conversion_kind,
        case when first_conversions.conversion_kind in ('form', 'chat') then first_conversions.conversion_id end as form_id,
        calls.called_at,
        case when first_conversions.conversion_kind in ('form', 'chat') then first_conversions.converted_at end
            as form_submitted_at,
        case first_conversions.conversion_kind
            when 'form' then 'Web Form'
            when 'chat' then 'Web Chat'
            when 'call' then calls.touchpoint_type
            else 'Web Visit'
        end as touchpoint_type,
        case first_conversions.conversion_kind
            when 'form' then 'Web Form'
            when 'chat' then 'Web Chat'
            when 'call' then calls.marketing_touch_type
            else 'Web Visit'
        end as marketing_touch_type,
        coalesce(calls.is_type_defaulted, false) as is_type_defaulted,
        calls.touchpoint_medium,
        session_channels.channel_input_id,
        session_channels.shown_channel_input_id
    from sessions
    inner join {{ ref('int_sessions__channels') }} as session_channels
        on sessions.session_id = session_channels.session_id
    left join first_conversions on sessions.session_id = first_conversions.session_id
    left join calls
        on first_conversions.conversion_kind = 'call'
        and first_conversions.conversion_id = calls.task_id
),

of_calls as (
    select
        calls.touchpoint_id,
        cast(null as string) as session_id,
        calls.task_id as crm_task_id,
        calls.cookie_id,
        calls.called_at as touchpoint_date,
        true as is_conversion,
        'call' as conversion_kind,
        cast(null as string) as form_id,
        calls.called_at,
        cast(null as timestamp) as form_submitted_at,
        calls.touchpoint_type,
        calls.marketing_touch_type,
        calls.is_type_defaulted,
        calls.touchpoint_medium,
        call_channels.channel_input_id,
        call_channels.channel_input_id as shown_channel_input_id
    from calls
    inner join call_channels on coalesce(calls.touchpoint_medium, '') = call_channels.touchpoint_medium
    where calls.verdict in ('separate_unknown_bizible_id', 'separate_outside_window')
),

touches as (
    select * from of_sessions
    union all
    select * from of_calls
)

select
    touches.touchpoint_id,
    touches.session_id,
    touches.crm_task_id,
    touches.cookie_id,
    touches.touchpoint_date,
    touches.is_conversion,
    touches.conversion_kind,
    touches.form_id,
    touches.called_at,
    touches.form_submitted_at,
    touches.touchpoint_type,
    touches.marketing_touch_type,
    touches.is_type_defaulted,
    {%- if var('call_medium_source') == 'session' %}
    case when touches.session_id is null then touches.touchpoint_medium else own.session_medium end as medium,
    {%- else %}
    coalesce(touches.touchpoint_medium, case when touches.session_id is not null then own.session_medium end) as medium,
    {%- endif %}
    case when touches.session_id is not null then own.session_medium end as session_medium,
    case when touches.session_id is null then 'Salesforce Task' else own.touchpoint_source end as touchpoint_source,
    own.resolved_platform,
    own.utm_campaign,
    shown.channel,
    shown.subchannel,
    shown.channel_path
from touches
inner join channels as own on touches.channel_input_id = own.channel_input_id
inner join channels as shown on touches.shown_channel_input_id = shown.channel_input_id
