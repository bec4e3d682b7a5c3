{{ config(meta={'component_key': {'column': 'ID', 'kinds': ['Contact']}}) }}

with custom as (
    {{ custom_properties_of('Contact') | indent(4) }}
)

select
    {{ biz_columns({
        'ID': 'contact_id',
        'MODIFIED_DATE': 'coalesce(modified_at, _version_at, created_at)',
        'CREATED_DATE': 'created_at',
        'EMAIL': 'email',
        'ACCOUNTID': 'account_id',
        'LEAD_SOURCE': 'lead_source',
        'BIZIBLE_COOKIE_ID': 'bizible_id',
        'IS_DELETED': 'is_deleted',
        'IS_DUPLICATE': 'false',
        'SOURCE_SYSTEM': "'Crm'",
        'JOB_TITLE': 'job_title',
        'CUSTOM_PROPERTIES': 'custom.custom_properties',
        '_DELETED_DATE': deleted_at('is_deleted', ['_version_at', 'modified_at', 'created_at']),
    }) }}
from {{ ref('stg_salesforce__contacts') }}
left join custom on contact_id = custom.record_id
