{{ config(meta={'component_key': {'column': 'ID', 'kinds': ['Event']}}) }}

with events as (
    select * from {{ ref('stg_salesforce__events') }}
),

leads as (
    select * from {{ ref('stg_salesforce__leads') }}
),

contacts as (
    select * from {{ ref('stg_salesforce__contacts') }}
),

custom as (
    {{ custom_properties_of('Event') | indent(4) }}
)

select
    {{ biz_columns({
        'ID': 'events.event_id',
        'CREATED_DATE': 'events.created_at',
        'MODIFIED_DATE': 'coalesce(events.modified_at, events._version_at, events.created_at)',
        'LEAD_ID': 'leads.lead_id',
        'LEAD_EMAIL': 'leads.email',
        'CONTACT_ID': 'contacts.contact_id',
        'CONTACT_EMAIL': 'contacts.email',
        'BIZIBLE_COOKIE_ID': 'events.bizible_id',
        'ACTIVITY_TYPE': 'events.event_type',
        'EVENT_START_DATE': 'events.starts_at',
        'EVENT_END_DATE': 'events.ends_at',
        'IS_DELETED': 'events.is_deleted',
        'CUSTOM_PROPERTIES': 'custom.custom_properties',
        '_DELETED_DATE': deleted_at('events.is_deleted', ['events._version_at', 'events.modified_at', 'events.created_at']),
    }) }}
from events
left join custom on events.event_id = custom.record_id
left join leads on events.who_id = leads.lead_id
left join contacts on events.who_id = contacts.contact_id
