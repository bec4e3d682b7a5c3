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
        'IS_DELETED': 'members.is_deleted',
        'CUSTOM_PROPERTIES': 'custom.custom_properties',
        '_DELETED_DATE': deleted_at('members.is_deleted',
            ['members._version_at', 'members.modified_at', 'members.created_at']),
    }) }}
from members
left join custom on members.campaign_member_id = custom.record_id
left join campaigns on members.campaign_id = campaigns.campaign_id
left join leads on members.lead_id = leads.lead_id
left join contacts on members.contact_id = contacts.contact_id
