-- Visits without a position have no row: an account with 50,000 touches and 1,000 opportunities would make 50 million.
{%- set after_all_touches = 9000000000000000000 %}

with opportunity_scenarios as (
    select
        opportunity_scenario_number,
        journey_number,
        opportunity_id,
        created_at,
        closes_before,
        is_closed
    from {{ ref('int_positions__opportunity_scenarios') }}
),

journey_touches as (
    select
        journey_number,
        touch_number,
        touchpoint_date,
        is_conversion,
        is_made_by_call
    from {{ ref('int_journeys__journey_touches') }}
    where journey_number in (select journey_number from opportunity_scenarios)
),

record_journeys as (
    select
        journey_number,
        record_journey_number
    from {{ ref('int_journeys__record_journeys') }}
),

milestones as (
    select
        journey_number,
        lead_creation
    from {{ ref('int_positions__milestones') }}
),

stage_touches as (
    select
        journey_number,
        record_id,
        position_name,
        entered_at,
        touch_number
    from {{ ref('int_positions__stage_touches') }}
),

opportunity_stages as (
    select
        opportunity_id,
        position_name,
        entered_at
    from {{ ref('int_opportunities__stages') }}
),

-- R7.3: all opportunities of the buying group share first touch and lead creation touch.
first_and_last as (
    select
        journey_number,
        min(touch_number) as first_touch,
        max(touch_number) as last_touch
    from journey_touches
    group by journey_number
),

lead_creations as (
    select
        record_journeys.journey_number,
        min(milestones.lead_creation) as lead_creation
    from record_journeys
    inner join milestones on record_journeys.record_journey_number = milestones.journey_number
    group by record_journeys.journey_number
),

-- Moments that look up the last touch before them. A touch at the same microsecond counts for a creation or a stage, but
-- is too late for a close.
moments as (
    select
        journey_number,
        opportunity_scenario_number,
        'Closed' as position_name,
        closes_before as event_at,
        0 as event_order
    from opportunity_scenarios
    where closes_before is not null
    union all
    select
        journey_number,
        opportunity_scenario_number,
        'OC',
        created_at,
        {{ after_all_touches }}
    from opportunity_scenarios
    where created_at is not null
    union all
    select
        opportunity_scenarios.journey_number,
        opportunity_scenarios.opportunity_scenario_number,
        opportunity_stages.position_name,
        opportunity_stages.entered_at,
        {{ after_all_touches }}
    from opportunity_scenarios
    inner join opportunity_stages on opportunity_scenarios.opportunity_id = opportunity_stages.opportunity_id
),

timeline as (
    select
        journey_number,
        touchpoint_date as event_at,
        touch_number as event_order,
        touch_number,
        cast(null as bigint) as opportunity_scenario_number,
        cast(null as string) as position_name
    from journey_touches
    union all
    select
        journey_number,
        event_at,
        event_order,
        null,
        opportunity_scenario_number,
        position_name
    from moments
),

looked_up as (
    select
        opportunity_scenario_number,
        position_name,
        max(touch_number) over (
            partition by journey_number order by event_at, event_order
            rows between unbounded preceding and current row
        ) as touch_number
    from timeline
),

last_touches_before as (
    select
        opportunity_scenario_number,
        position_name,
        touch_number
    from looked_up
    where opportunity_scenario_number is not null
        and touch_number is not null
),

-- The last touch that counts: up to the close, or the latest one of an open opportunity.
bounded as (
    select
        opportunity_scenarios.opportunity_scenario_number,
        opportunity_scenarios.journey_number,
        opportunity_scenarios.created_at,
        first_and_last.first_touch,
        lead_creations.lead_creation,
        case when opportunity_scenarios.is_closed then 'Closed' else 'Pending' end as last_position_name,
        case when opportunity_scenarios.closes_before is null then first_and_last.last_touch else closing.touch_number end
            as last_touch
    from opportunity_scenarios
    inner join first_and_last on opportunity_scenarios.journey_number = first_and_last.journey_number
    left join lead_creations on opportunity_scenarios.journey_number = lead_creations.journey_number
    left join last_touches_before as closing
        on opportunity_scenarios.opportunity_scenario_number = closing.opportunity_scenario_number
        and closing.position_name = 'Closed'
),

conversions as (
    select
        opportunity_scenarios.opportunity_scenario_number,
        journey_touches.touch_number,
        journey_touches.is_made_by_call
    from journey_touches
    inner join opportunity_scenarios
        on journey_touches.journey_number = opportunity_scenarios.journey_number
        and (
            opportunity_scenarios.closes_before is null
            or journey_touches.touchpoint_date < opportunity_scenarios.closes_before
        )
    where journey_touches.is_conversion
),

-- R7.4: stages of a Contact's Leads count up to the opportunity's creation; of several Leads, the last entry counts.
lead_stages as (
    select
        bounded.opportunity_scenario_number,
        stage_touches.touch_number,
        stage_touches.position_name,
        row_number() over (
            partition by bounded.opportunity_scenario_number, stage_touches.position_name
            order by stage_touches.entered_at desc, stage_touches.record_id
        ) as stage_rank
    from bounded
    inner join record_journeys on bounded.journey_number = record_journeys.journey_number
    inner join stage_touches
        on record_journeys.record_journey_number = stage_touches.journey_number
        and stage_touches.entered_at <= bounded.created_at
        and stage_touches.touch_number <= bounded.last_touch
)

select
    opportunity_scenario_number,
    first_touch as touch_number,
    'FT' as position_name,
    false as is_made_by_call
from bounded
where first_touch <= last_touch
union all
select
    opportunity_scenario_number,
    lead_creation,
    'LC',
    false
from bounded
where lead_creation <= last_touch
union all
select
    opportunity_scenario_number,
    last_touch,
    last_position_name,
    false
from bounded
where last_touch is not null
union all
-- An opportunity can be created or enter a stage after its close, but touches after the close do not count.
select
    last_touches_before.opportunity_scenario_number,
    case when last_touches_before.touch_number > bounded.last_touch then bounded.last_touch
        else last_touches_before.touch_number end,
    last_touches_before.position_name,
    false
from last_touches_before
inner join bounded on last_touches_before.opportunity_scenario_number = bounded.opportunity_scenario_number
where last_touches_before.position_name <> 'Closed'
    and bounded.last_touch is not null
union all
select
    opportunity_scenario_number,
    touch_number,
    position_name,
    false
from lead_stages
where stage_rank = 1
union all
select
    opportunity_scenario_number,
    touch_number,
    'Form',
    is_made_by_call
from conversions
