{{ config(meta={'component_key': {'column': 'crm_activity_id', 'kinds': ['Task', 'Event']}}) }}

with activities as (
    select * from {{ ref('int_crm_touches__activities') }}
),

channels as (
    select
        channel_input_key,
        channel_path
    from {{ ref('int_channels__resolved') }}
)

select
    activities.activity_id as crm_activity_id,
    activities.activity_object,
    activities.verdict,
    {{ crm_verdict_explanation('activities.verdict', 'record') }} as verdict_explanation,
    activities.rule,
    activities.campaign_name,
    activities.touchpoint_id,
    channels.channel_path,
    activities.touchpoint_date
from activities
left join channels on activities.channel_input_key = channels.channel_input_key
