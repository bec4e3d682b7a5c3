{{ config(meta={'component_key': {'column': 'ID', 'kinds': ['Task']}}) }}

with tasks as (
    select * from {{ ref('stg_salesforce__tasks') }}
),

leads as (
    select * from {{ ref('stg_salesforce__leads') }}
),

contacts as (
    select * from {{ ref('stg_salesforce__contacts') }}
),

custom as (
    {{ custom_properties_of('Task') | indent(4) }}
)

select
    {{ biz_columns({
        'ID': 'tasks.task_id',
        'CREATED_DATE': 'tasks.created_at',
        'MODIFIED_DATE': 'coalesce(tasks.modified_at, tasks._version_at, tasks.created_at)',
        'LEAD_ID': 'leads.lead_id',
        'LEAD_EMAIL': 'leads.email',
        'CONTACT_ID': 'contacts.contact_id',
        'CONTACT_EMAIL': 'contacts.email',
        'BIZIBLE_COOKIE_ID': 'tasks.bizible_id',
        'ACTIVITY_TYPE': 'tasks.task_type',
        'ACTIVITY_DATE': 'tasks.activity_date',
        'IS_DELETED': 'tasks.is_deleted',
        'CUSTOM_PROPERTIES': 'custom.custom_properties',
        '_DELETED_DATE': deleted_at('tasks.is_deleted', ['tasks._version_at', 'tasks.modified_at', 'tasks.created_at']),
    }) }}
from tasks
left join custom on tasks.task_id = custom.record_id
left join leads on tasks.who_id = leads.lead_id
left join contacts on tasks.who_id = contacts.contact_id
