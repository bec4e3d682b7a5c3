{{ config(meta={'component_key': {'column': 'ID', 'kinds': ['Lead']}}) }}

with leads as (
    select * from {{ ref('stg_salesforce__leads') }}
),

statuses as (
    select
        lead_id,
        old_value as status,
        min(created_at) as left_at
    from {{ ref('stg_salesforce__lead_history') }}
    where field = 'Status'
        and not is_deleted
        and old_value is not null
    group by lead_id, old_value
),

earlier as (
    select
        statuses.lead_id,
        {{ ordered_listagg('statuses.status', ['statuses.left_at', 'statuses.status']) }} as statuses
    from statuses
    inner join leads on statuses.lead_id = leads.lead_id
    where statuses.status <> leads.status
    group by statuses.lead_id
),

custom as (
    {{ custom_properties_of('Lead') | indent(4) }}
)

select
    {{ biz_columns({
        'ID': 'leads.lead_id',
        'MODIFIED_DATE': 'coalesce(leads.modified_at, leads._version_at, leads.created_at)',
        'CREATED_DATE': 'leads.created_at',
        'EMAIL': 'leads.email',
        'WEB_SITE': 'leads.website',
        'COMPANY': 'leads.company',
        'LEAD_SOURCE': 'leads.lead_source',
        'IS_CONVERTED': 'leads.is_converted',
        'CONVERTED_OPPORTUNITY_ID': 'leads.converted_opportunity_id',
        'CONVERTED_DATE': 'leads.converted_at',
        'CONVERTED_CONTACT_ID': 'leads.converted_contact_id',
        'ACCOUNTID': 'leads.converted_account_id',
        'BIZIBLE_STAGE': 'leads.status',
        'BIZIBLE_STAGE_PREVIOUS': 'earlier.statuses',
        'BIZIBLE_COOKIE_ID': 'leads.bizible_id',
        'IS_DELETED': 'leads.is_deleted',
        'IS_DUPLICATE': 'false',
        'SOURCE_SYSTEM': "'Crm'",
        'CUSTOM_PROPERTIES': 'custom.custom_properties',
        '_DELETED_DATE': deleted_at('leads.is_deleted', ['leads._version_at', 'leads.modified_at', 'leads.created_at']),
    }) }}
from leads
left join custom on leads.lead_id = custom.record_id
left join earlier on leads.lead_id = earlier.lead_id
