{{ config(meta={'component_key': {'column': 'ID', 'kinds': ['CampaignMember']}}) }}

with members as (
    select * from {{ ref('stg_salesforce__campaign_members') }}
),

campaigns as (
    select * from {{ ref('stg_salesforce__campaigns') }}
),

leads as (
    select * from {{ ref('stg_salesforce__leads') }}
),

contacts as (
    select * from {{ ref('stg_salesforce__contacts') }}
),

-- R5.2: only a Lead whose Contact is live has no rows of its own.
converted_leads as (
    select crm_id as lead_id
    from {{ ref('int_identity__crm_records') }}
    where is_lead
        and record_id <> crm_id
),

verdicts as (
    select
        campaign_member_id,
        verdict,
        touchpoint_id
    from {{ ref('int_crm_touches__members') }}
),

touches as (
    select touchpoint_id from verdicts where touchpoint_id is not null
),

buyer_touchpoints as (
    select
        touchpoint_id,
        coalesce(contact_id, lead_id) as record_id
    from {{ ref('fct_buyer_touchpoints') }}
    where touchpoint_id in (select touchpoint_id from touches)
),

attribution_touchpoints as (
    select distinct touchpoint_id
    from {{ ref('fct_attribution_touchpoints') }}
    where touchpoint_id in (select touchpoint_id from touches)
),

person_touchpoints as (
    select
        touchpoint_id,
        email
    from {{ ref('fct_person_touchpoints') }}
    where touchpoint_id in (select touchpoint_id from touches)
),

-- A touch that counts for no opportunity of its people comes after all of them closed.
touches_with_opportunities as (
    select distinct person_touchpoints.touchpoint_id
    from person_touchpoints
    inner join {{ ref('int_identity__emails') }} as emails on person_touchpoints.email = emails.email
    inner join {{ ref('int_opportunities__contacts') }} as opportunities on emails.record_id = opportunities.record_id
),

custom as (
    {{ custom_properties_of('CampaignMember') | indent(4) }}
)

select
    {{ biz_columns({
        'ID': 'members.campaign_member_id',
        'MODIFIED_DATE': 'coalesce(members.modified_at, members._version_at, members.created_at)',
        'CREATED_DATE': 'members.created_at',
        'BIZIBLE_TOUCH_POINT_DATE': 'members.touchpoint_date',
        'LEAD_ID': 'members.lead_id',
        'LEAD_EMAIL': 'leads.email',
        'CONTACT_ID': 'members.contact_id',
        'CONTACT_EMAIL': 'contacts.email',
        'STATUS': 'members.status',
        'HAS_RESPONDED': 'members.has_responded',
        'FIRST_RESPONDED_DATE': 'members.first_responded_on',
        'CAMPAIGN_NAME': 'campaigns.campaign_name',
        'CAMPAIGN_ID': 'members.campaign_id',
        'CAMPAIGN_TYPE': 'campaigns.campaign_type',
        'CAMPAIGN_SYNC_TYPE': sync_type('campaigns.sync_type'),
        'LEAD_SYNC_STATUS': 'case when members.lead_id is not null then ' ~ sync_status(
            'lead_touchpoints.record_id is not null', 'verdicts.verdict',
            "case when leads.is_deleted then 'Deleted' when converted_leads.lead_id is not null then 'Lead converted'"
            ~ " when leads.email is null then 'No email' else 'Not synced' end") ~ ' end',
        'CONTACT_SYNC_STATUS': 'case when members.contact_id is not null then ' ~ sync_status(
            'contact_touchpoints.record_id is not null', 'verdicts.verdict',
            "case when contacts.is_deleted then 'Deleted' when contacts.email is null then 'No email' else 'Not synced' end")
            ~ ' end',
        'OPP_SYNC_STATUS': sync_status('attribution_touchpoints.touchpoint_id is not null', 'verdicts.verdict',
            "case when touches_with_opportunities.touchpoint_id is not null then 'Date outside model' else 'No opportunity' end"),
        'IS_DELETED': 'members.is_deleted',
        'CUSTOM_PROPERTIES': 'custom.custom_properties',
        '_DELETED_DATE': deleted_at('members.is_deleted',
            ['members._version_at', 'members.modified_at', 'members.created_at']),
    }) }}
from members
left join custom on members.campaign_member_id = custom.record_id
left join campaigns on members.campaign_id = campaigns.campaign_id
left join leads on members.lead_id = leads.lead_id
left join converted_leads on members.lead_id = converted_leads.lead_id
left join contacts on members.contact_id = contacts.contact_id
inner join verdicts on members.campaign_member_id = verdicts.campaign_member_id
left join buyer_touchpoints as lead_touchpoints
    on verdicts.touchpoint_id = lead_touchpoints.touchpoint_id
    and members.lead_id = lead_touchpoints.record_id
left join buyer_touchpoints as contact_touchpoints
    on verdicts.touchpoint_id = contact_touchpoints.touchpoint_id
    and members.contact_id = contact_touchpoints.record_id
left join attribution_touchpoints on verdicts.touchpoint_id = attribution_touchpoints.touchpoint_id
left join touches_with_opportunities on verdicts.touchpoint_id = touches_with_opportunities.touchpoint_id
