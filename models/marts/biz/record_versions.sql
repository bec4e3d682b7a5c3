{{ config(meta={'component_key': {'column': 'record_id', 'kinds': ['Lead', 'Contact', 'Opportunity']}}) }}

-- R19.1: what a touchpoint's modified date needs beside the touch. The biz views have LastModifiedDate, which automated
-- processes do not move.
select
    lead_id as record_id,
    _version_at as version_at
from {{ ref('stg_salesforce__leads') }}
where _version_at is not null
union all
select
    contact_id,
    _version_at
from {{ ref('stg_salesforce__contacts') }}
where _version_at is not null
union all
select
    opportunity_id,
    _version_at
from {{ ref('stg_salesforce__opportunities') }}
where _version_at is not null
