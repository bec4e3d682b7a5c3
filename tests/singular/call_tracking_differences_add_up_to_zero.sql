{{ config(meta={'dagster': {'ref': {'name': 'rpt_call_integration_impact'}}}) }}

-- R9: per opportunity and model, each side adds up to 100 percent, so the differences add up to zero.
select
    opportunity_id,
    model
from {{ get_where_subquery(ref('rpt_call_integration_impact')) }}
group by opportunity_id, model
having sum(percentage_with) <> 100
    or sum(percentage_without) <> 100
    or sum(percentage_difference) <> 0
    or sum(revenue_difference) <> 0
