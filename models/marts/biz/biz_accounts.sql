{{ config(meta={'component_key': {'column': 'ID', 'kinds': ['Account']}}) }}

{%- set host = site_host('website') %}

with custom as (
    {{ custom_properties_of('Account') | indent(4) }}
)

select
    {{ biz_columns({
        'ID': 'account_id',
        'CREATED_DATE': 'created_at',
        'MODIFIED_DATE': 'coalesce(modified_at, _version_at, created_at)',
        'NAME': 'account_name',
        'WEB_SITE': 'website',
        'DOMAIN': "case when " ~ host ~ " like 'www.%' then substr(" ~ host ~ ", 5) else " ~ host ~ " end",
        'IS_DELETED': 'is_deleted',
        'INDUSTRY': 'industry',
        'COUNTRY': 'country',
        'CUSTOM_PROPERTIES': 'custom.custom_properties',
        '_DELETED_DATE': deleted_at('is_deleted', ['_version_at', 'modified_at', 'created_at']),
    }) }}
from {{ ref('stg_salesforce__accounts') }}
left join custom on account_id = custom.record_id
