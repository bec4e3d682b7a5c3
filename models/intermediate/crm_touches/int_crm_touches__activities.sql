with activities as (
    select
        activity_object,
        activity_id,
        rule,
        touchpoint_date,
        campaign_name,
        activity_type,
        who_id
    from {{ ref('int_crm_rules__activities') }}
),

tracked_calls as (
    select task_id
    from {{ ref('int_calls__tasks') }}
    where is_tracked_call
),

crm_records as (
    select
        crm_id,
        record_id
    from {{ ref('int_identity__crm_records') }}
    where record_id in (select record_id from {{ ref('int_identity__emails') }})
),

channel_inputs as (
    select
        channel_input_key,
        utm_campaign,
        utm_medium
    from {{ ref('int_channels__inputs') }}
    where origin = 'activity'
),

classified as (
    select
        activities.*,
        crm_records.record_id,
        channel_inputs.channel_input_key,
        -- R12.2: also in the scenario without call tracking.
        case
            when tracked_calls.task_id is not null then 'none_tracked_call'
            when activities.touchpoint_date is null then 'none_without_date'
            when crm_records.record_id is null then 'none_without_person'
            else 'touch'
        end as verdict
    from activities
    inner join channel_inputs
        on coalesce(activities.campaign_name, '') = channel_inputs.utm_campaign
        and coalesce(activities.activity_type, '') = channel_inputs.utm_medium
    left join tracked_calls on activities.activity_id = tracked_calls.task_id
    left join crm_records on activities.who_id = crm_records.crm_id
)

select
    activity_object,
    activity_id,
    verdict,
    rule,
    campaign_name,
    activity_type,
    case when verdict = 'touch' then {{ activity_touchpoint_id('activity_id') }} end as touchpoint_id,
    case when verdict = 'touch' then touchpoint_date end as touchpoint_date,
    case when verdict = 'touch' then channel_input_key end as channel_input_key,
    case when verdict = 'touch' then record_id end as record_id
from classified
