{{ config(meta={'dagster': {'ref': {'name': 'rpt_unattributed_opportunities'}}}) }}

-- R7.1: every live opportunity has touches or is listed as unattributed, never both.
with covered as (
    select distinct opportunity_id from {{ ref('fct_attribution_touchpoints') }}
    union all
    select opportunity_id from {{ ref('rpt_unattributed_opportunities') }}
)

select opportunities.opportunity_id
from {{ ref('int_opportunities__live') }} as opportunities
left join covered on opportunities.opportunity_id = covered.opportunity_id
group by opportunities.opportunity_id
having count(covered.opportunity_id) <> 1
