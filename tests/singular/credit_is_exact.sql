{{ config(meta={'dagster': {'ref': {'name': 'fct_attribution_credit'}}}) }}

-- R8.3: for every attributed opportunity and every model of the seed, percentages add up to exactly 100 and revenue to exactly
-- the amount; an opportunity without an amount has no revenue.
with sums as (
    select
        opportunity_id,
        model,
        sum(percentage) as percentage,
        sum(revenue) as revenue
    from {{ get_where_subquery(ref('fct_attribution_credit')) }}
    group by opportunity_id, model
),

models as (
    select distinct model from {{ ref('int_credit__weights') }}
),

expected as (
    select
        opportunities.opportunity_id,
        models.model,
        opportunities.amount_cents
    from {{ ref('int_opportunities__live') }} as opportunities
    cross join models
    where opportunities.opportunity_id in (select opportunity_id from {{ ref('fct_attribution_touchpoints') }})
)

select
    coalesce(expected.opportunity_id, sums.opportunity_id) as opportunity_id,
    coalesce(expected.model, sums.model) as model,
    expected.amount_cents,
    sums.percentage,
    sums.revenue
from expected
full outer join sums
    on expected.opportunity_id = sums.opportunity_id
    and expected.model = sums.model
where expected.opportunity_id is null
    or sums.opportunity_id is null
    or sums.percentage <> 100
    or sums.revenue <> {{ as_money('expected.amount_cents') }}
    or (sums.revenue is null) <> (expected.amount_cents is null)
