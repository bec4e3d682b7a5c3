with members as (
    select
        touchpoint_id,
        campaign_member_id,
        campaign_id,
        touchpoint_date,
        record_id
    from {{ ref('int_crm_touches__members') }}
    where verdict = 'touch'
),

activities as (
    select
        touchpoint_id,
        activity_object,
        activity_id,
        touchpoint_date,
        record_id,
        activity_type,
        campaign_name,
        channel_input_key
    from {{ ref('int_crm_touches__activities') }}
    where verdict = 'touch'
),

campaign_channels as (
    select
        campaign_id,
        channel,
        subchannel,
        channel_path
    from {{ ref('int_crm_rules__campaigns') }}
),

campaigns as (
    select
        campaign_id,
        campaign_name,
        campaign_type
    from {{ ref('stg_salesforce__campaigns') }}
),

campaign_members as (
    select
        campaign_member_id,
        _version_at
    from {{ ref('stg_salesforce__campaign_members') }}
),

channels as (
    select
        channel_input_key,
        channel,
        subchannel,
        channel_path
    from {{ ref('int_channels__resolved') }}
),

tasks as (
    select
        task_id,
        subject,
        _version_at
    from {{ ref('stg_salesforce__tasks') }}
),

events as (
    select
        event_id,
        subject,
        _version_at
    from {{ ref('stg_salesforce__events') }}
)

select
    members.touchpoint_id,
    members.campaign_member_id,
    cast(null as string) as crm_activity_id,
    cast(null as string) as activity_object,
    members.touchpoint_date,
    members.record_id,
    -- R11.4
    'CRM' as touchpoint_type,
    'CRM Campaign' as marketing_touch_type,
    false as is_type_defaulted,
    campaigns.campaign_type as medium,
    campaign_channels.channel,
    campaign_channels.subchannel,
    campaign_channels.channel_path,
    campaigns.campaign_name as crm_campaign,
    campaigns.campaign_name as ad_campaign_name,
    campaigns.campaign_id as ad_campaign_id,
    cast(null as string) as ad_content,
    -- R19.1
    campaign_members._version_at as modified_at
from members
inner join campaign_channels on members.campaign_id = campaign_channels.campaign_id
inner join campaigns on members.campaign_id = campaigns.campaign_id
inner join campaign_members on members.campaign_member_id = campaign_members.campaign_member_id
union all
select
    activities.touchpoint_id,
    null,
    activities.activity_id,
    activities.activity_object,
    activities.touchpoint_date,
    activities.record_id,
    -- R12.5
    coalesce(activities.activity_type, 'CRM Activity'),
    'CRM Activity',
    activities.activity_type is null,
    activities.activity_type,
    channels.channel,
    channels.subchannel,
    channels.channel_path,
    channels.channel_path || ' [Bizible]',
    activities.campaign_name,
    null,
    coalesce(tasks.subject, events.subject),
    coalesce(tasks._version_at, events._version_at)
from activities
inner join channels on activities.channel_input_key = channels.channel_input_key
left join tasks on activities.activity_id = tasks.task_id
left join events on activities.activity_id = events.event_id
