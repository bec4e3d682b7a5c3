{{ config(meta={'component_key': {'column': 'campaign_member_id', 'kinds': ['CampaignMember']}}) }}

with members as (
    select * from {{ ref('int_crm_touches__members') }}
),

campaigns as (
    select
        campaign_id,
        campaign_name,
        channel_path
    from {{ ref('int_crm_rules__campaigns') }}
)

select
    members.campaign_member_id,
    members.campaign_id,
    campaigns.campaign_name,
    members.lead_id,
    members.contact_id,
    members.verdict,
    {{ crm_verdict_explanation('members.verdict', 'member') }} as verdict_explanation,
    members.rule,
    members.touchpoint_id,
    case when members.touchpoint_id is not null then campaigns.channel_path end as channel_path,
    members.touchpoint_date,
    members.is_deleted
from members
left join campaigns on members.campaign_id = campaigns.campaign_id
