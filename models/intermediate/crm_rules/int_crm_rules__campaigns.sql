-- R11.1: if there is a rule, the picklist does not count. For a Campaign itself, which needs no member to have costs,
-- conditions on members count as true.
with conditions as (
    select
        condition_key,
        rule,
        box,
        object
    from {{ ref('int_crm_rules__conditions') }}
    where record_object = 'CampaignMember'
),

matched_conditions as (
    select
        record_id as campaign_id,
        condition_key
    from {{ ref('int_crm_rules__matched_conditions') }}
    where object = 'Campaign'
),

campaigns as (
    select
        campaign_id,
        campaign_name,
        lower({{ trim_text('campaign_type') }}) as type_key,
        lower({{ trim_text('sync_type') }}) as sync_type,
        touchpoints_from,
        touchpoints_before,
        is_deleted
    from {{ ref('stg_salesforce__campaigns') }}
),

-- dbt reads the word NULL in a seed as no value on engines that do not copy the file. A run allows no blank channel.
offline_channels as (
    select
        lower({{ trim_text('campaign_type') }}) as type_key,
        coalesce({{ trim_text('channel') }}, 'NULL') as channel,
        {{ trim_text('subchannel') }} as subchannel
    from {{ ref('offline_channels') }}
    where {{ trim_text('campaign_type') }} is not null
),

box_sizes as (
    select
        rule,
        box,
        sum(case when object = 'Campaign' then 1 else 0 end) as conditions
    from conditions
    group by rule, box
),

met_boxes as (
    select
        matched_conditions.campaign_id,
        conditions.rule,
        conditions.box,
        count(*) as conditions
    from matched_conditions
    inner join conditions on matched_conditions.condition_key = conditions.condition_key
    group by matched_conditions.campaign_id, conditions.rule, conditions.box
),

synced_by_rule as (
    select distinct campaigns.campaign_id
    from campaigns
    cross join box_sizes
    left join met_boxes
        on campaigns.campaign_id = met_boxes.campaign_id
        and box_sizes.rule = met_boxes.rule
        and box_sizes.box = met_boxes.box
    where box_sizes.conditions = coalesce(met_boxes.conditions, 0)
),

picked as (
    select
        campaigns.*,
        case
            when campaigns.sync_type like 'include%responded%' then 'responded'
            when campaigns.sync_type like 'include%' then 'all'
            else 'none'
        end as picked_members,
        (select count(*) from conditions) > 0 as has_rules
    from campaigns
)

select
    picked.campaign_id,
    picked.campaign_name,
    picked.is_deleted,
    case when picked.has_rules then 'by rule' else picked.picked_members end as synced_members,
    case when picked.has_rules then synced_by_rule.campaign_id is not null else picked.picked_members <> 'none' end as is_synced,
    case when not picked.has_rules then picked.touchpoints_from end as touchpoints_from,
    case when not picked.has_rules then picked.touchpoints_before end as touchpoints_before,
    coalesce(offline_channels.channel, 'Other') as channel,
    offline_channels.subchannel,
    coalesce(offline_channels.channel, 'Other') || coalesce('.' || offline_channels.subchannel, '') as channel_path
from picked
left join synced_by_rule on picked.campaign_id = synced_by_rule.campaign_id
left join offline_channels on picked.type_key = offline_channels.type_key
