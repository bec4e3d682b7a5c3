{{ config(meta={'component_key': {'column': 'opportunity_id', 'kinds': ['Opportunity']}}) }}

select
    opportunity_id,
    anchor,
    window_number,
    channel,
    cents
from {{ ref('int_credit__window_revenue') }}
