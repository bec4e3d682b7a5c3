-- Visits without a position have no row: an account with 50,000 touches and 1,000 opportunities would make 50 million.
with opportunity_scenarios as (
    select
        opportunity_scenario_key,
        journey_key,
        closes_before
    from {{ ref('int_positions__opportunity_scenarios') }}
),

milestones as (
    select
        opportunity_scenario_key,
        first_touch_key,
        lead_creation_key,
        opportunity_creation_key,
        last_touch_key,
        last_position_name
    from {{ ref('int_positions__opportunity_milestones') }}
),

stages as (
    select
        opportunity_scenario_key,
        touch_key,
        position_name
    from {{ ref('int_positions__opportunity_stages') }}
),

conversions as (
    select
        journey_key,
        touch_key,
        touchpoint_date,
        is_made_by_call
    from {{ ref('int_journeys__journey_touches') }}
    where is_conversion
)

select
    opportunity_scenario_key,
    first_touch_key as touch_key,
    'FT' as position_name,
    false as is_made_by_call
from milestones
union all
select
    opportunity_scenario_key,
    lead_creation_key,
    'LC',
    false
from milestones
where lead_creation_key is not null
union all
select
    opportunity_scenario_key,
    opportunity_creation_key,
    'OC',
    false
from milestones
where opportunity_creation_key is not null
union all
select
    opportunity_scenario_key,
    last_touch_key,
    last_position_name,
    false
from milestones
union all
select
    opportunity_scenario_key,
    touch_key,
    position_name,
    false
from stages
union all
select
    opportunity_scenarios.opportunity_scenario_key,
    conversions.touch_key,
    'Form',
    conversions.is_made_by_call
from conversions
inner join opportunity_scenarios
    on conversions.journey_key = opportunity_scenarios.journey_key
    and (
        opportunity_scenarios.closes_before is null
        or conversions.touchpoint_date < opportunity_scenarios.closes_before
    )
