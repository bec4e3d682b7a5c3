{{ config(meta={'component_key': {'column': 'opportunity_id', 'kinds': ['Opportunity']}}) }}

select
    opportunity_id,
    currency_code as currency,
    close_date,
    cast(source_amount as decimal(38, 12)) as source_amount,
    is_won,
    is_closed
from {{ ref('int_opportunities__live') }}
where is_rate_missing
