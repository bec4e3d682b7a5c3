{{ config(meta={'dagster': {'ref': {'name': 'rpt_call_integration_impact'}}}) }}

-- R9: for every opportunity and model; each side adds up to 100 for itself.
select
    opportunity_id,
    model
from {{ get_where_subquery(ref('rpt_call_integration_impact')) }}
group by opportunity_id, model
having sum(percentage_with) <> 100
    or sum(percentage_without) <> 100
    or sum(percentage_difference) <> 0
    or sum(revenue_difference) <> 0
