{{ config(meta={'component_key': {'column': 'opportunity_id', 'kinds': ['Opportunity']}}) }}

with journeys as (
    select journey_key
    from {{ ref('int_journeys__journeys') }}
    where scenario = 'in_force'
),

opportunity_scenarios as (
    select
        opportunity_scenario_key,
        opportunity_id
    from {{ ref('int_positions__opportunity_scenarios') }}
    where journey_key in (select journey_key from journeys)
),

shares as (
    select
        opportunity_scenario_key,
        model,
        touch_key,
        percentage_units,
        revenue_cents
    from {{ ref('int_credit__shares') }}
),

touchpoints as (
    select
        touch_key,
        touchpoint_id
    from {{ ref('int_journeys__touches') }}
)

select
    opportunity_scenarios.opportunity_id,
    touchpoints.touchpoint_id,
    shares.model,
    {{ as_percentage('shares.percentage_units') }} as percentage,
    {{ as_money('shares.revenue_cents') }} as revenue
from shares
inner join opportunity_scenarios on shares.opportunity_scenario_key = opportunity_scenarios.opportunity_scenario_key
inner join touchpoints on shares.touch_key = touchpoints.touch_key
