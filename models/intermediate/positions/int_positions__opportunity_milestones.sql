with opportunity_scenarios as (
    select
        opportunity_scenario_key,
        journey_key,
        created_at,
        closes_before,
        is_closed
    from {{ ref('int_positions__opportunity_scenarios') }}
),

journey_touches as (
    select
        journey_key,
        touch_key,
        touchpoint_date
    from {{ ref('int_journeys__journey_touches') }}
    where journey_key in (select journey_key from opportunity_scenarios)
),

record_journeys as (
    select
        journey_key,
        record_journey_key
    from {{ ref('int_journeys__record_journeys') }}
),

milestones as (
    select
        journey_key,
        lead_creation_key
    from {{ ref('int_positions__milestones') }}
),

-- R7.3: all opportunities of the buying group share first touch and lead creation touch.
first_and_last as (
    select
        journey_key,
        min(touch_key) as first_touch_key,
        max(touch_key) as last_touch_key
    from journey_touches
    group by journey_key
),

lead_creations as (
    select
        record_journeys.journey_key,
        min(milestones.lead_creation_key) as lead_creation_key
    from record_journeys
    inner join milestones on record_journeys.record_journey_key = milestones.journey_key
    group by record_journeys.journey_key
),

moments as (
    select
        journey_key,
        opportunity_scenario_key,
        'Closed' as position_name,
        closes_before as event_at,
        false as includes_touches
    from opportunity_scenarios
    where closes_before is not null
    union all
    select
        journey_key,
        opportunity_scenario_key,
        'OC',
        created_at,
        true
    from opportunity_scenarios
    where created_at is not null
),

last_touches as (
    {{ last_touches_before('moments', 'journey_touches', ['opportunity_scenario_key', 'position_name']) | indent(4) }}
),

-- The last touch that counts: up to the close, or the latest one of an open opportunity.
bounded as (
    select
        opportunity_scenarios.opportunity_scenario_key,
        opportunity_scenarios.is_closed,
        first_and_last.first_touch_key,
        lead_creations.lead_creation_key,
        creation.touch_key as opportunity_creation_key,
        case when opportunity_scenarios.closes_before is null then first_and_last.last_touch_key else closing.touch_key end
            as last_touch_key
    from opportunity_scenarios
    inner join first_and_last on opportunity_scenarios.journey_key = first_and_last.journey_key
    left join lead_creations on opportunity_scenarios.journey_key = lead_creations.journey_key
    left join last_touches as closing
        on opportunity_scenarios.opportunity_scenario_key = closing.opportunity_scenario_key
        and closing.position_name = 'Closed'
    left join last_touches as creation
        on opportunity_scenarios.opportunity_scenario_key = creation.opportunity_scenario_key
        and creation.position_name = 'OC'
)

select
    opportunity_scenario_key,
    first_touch_key,
    case when lead_creation_key <= last_touch_key then lead_creation_key end as lead_creation_key,
    -- An opportunity can be created after its close, but touches after the close do not count.
    case when opportunity_creation_key > last_touch_key then last_touch_key else opportunity_creation_key end as opportunity_creation_key,
    last_touch_key,
    case when is_closed then 'Closed' else 'Pending' end as last_position_name
from bounded
where last_touch_key is not null
