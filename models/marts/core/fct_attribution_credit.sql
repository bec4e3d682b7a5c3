{{ config(meta={'component_key': {'column': 'opportunity_id', 'kinds': ['Opportunity']}}) }}

with journeys as (
    select journey_number
    from {{ ref('int_journeys__journeys') }}
    where scenario = 'in_force'
),

opportunity_scenarios as (
    select
        opportunity_scenario_number,
        opportunity_id
    from {{ ref('int_positions__opportunity_scenarios') }}
    where journey_number in (select journey_number from journeys)
),

shares as (
    select
        opportunity_scenario_number,
        model,
        touch_number,
        percentage_units,
        revenue_cents
    from {{ ref('int_credit__shares') }}
),

touchpoints as (
    select
        touch_number,
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
inner join opportunity_scenarios on shares.opportunity_scenario_number = opportunity_scenarios.opportunity_scenario_number
inner join touchpoints on shares.touch_number = touchpoints.touch_number
