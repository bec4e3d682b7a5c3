{{ config(meta={'component_key': {'column': 'opportunity_id', 'kinds': ['Opportunity']}}) }}

with opportunities as (
    select
        opportunity_id,
        is_won,
        is_closed,
        amount_cents
    from {{ ref('int_opportunities__live') }}
),

journeys as (
    select
        journey_key,
        scenario
    from {{ ref('int_journeys__journeys') }}
    where scenario in ('in_force', 'no_calls')
),

scenario_keys as (
    select
        opportunity_scenarios.opportunity_id,
        max(case when journeys.scenario = 'in_force' then opportunity_scenarios.opportunity_scenario_key end) as key_with,
        max(case when journeys.scenario = 'no_calls' then opportunity_scenarios.opportunity_scenario_key end) as key_without
    from {{ ref('int_positions__opportunity_scenarios') }} as opportunity_scenarios
    inner join journeys on opportunity_scenarios.journey_key = journeys.journey_key
    group by opportunity_scenarios.opportunity_id
),

-- Without calls in the buying group, both sides are the same opportunity scenario.
sides as (
    select
        opportunity_id,
        'with' as side,
        key_with as opportunity_scenario_key
    from scenario_keys
    union all
    select
        opportunity_id,
        'without',
        coalesce(key_without, key_with)
    from scenario_keys
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

positions as (
    select
        opportunity_scenario_key,
        touchpoint_id,
        touchpoint_position
    from {{ ref('int_credit__touches') }}
),

journey_touches as (
    select
        touch_key,
        touchpoint_id
    from {{ ref('int_journeys__touches') }}
),

touchpoints as (
    select
        touchpoint_id,
        channel,
        channel_path
    from {{ ref('fct_touchpoints') }}
),

models as (
    select distinct model from {{ ref('int_credit__weights') }}
),

positioned as (
    select
        sides.opportunity_id,
        positions.touchpoint_id,
        max(case when sides.side = 'with' then positions.touchpoint_position end) as position_with,
        max(case when sides.side = 'without' then positions.touchpoint_position end) as position_without
    from sides
    inner join positions on sides.opportunity_scenario_key = positions.opportunity_scenario_key
    group by sides.opportunity_id, positions.touchpoint_id
),

credited as (
    select
        sides.opportunity_id,
        shares.touch_key,
        shares.model,
        sum(case when sides.side = 'with' then shares.percentage_units else 0 end) as units_with,
        sum(case when sides.side = 'without' then shares.percentage_units else 0 end) as units_without,
        sum(case when sides.side = 'with' then shares.revenue_cents else 0 end) as cents_with,
        sum(case when sides.side = 'without' then shares.revenue_cents else 0 end) as cents_without
    from sides
    inner join shares on sides.opportunity_scenario_key = shares.opportunity_scenario_key
    group by sides.opportunity_id, shares.touch_key, shares.model
),

credited_touches as (
    select
        credited.*,
        journey_touches.touchpoint_id
    from credited
    inner join journey_touches on credited.touch_key = journey_touches.touch_key
),

positioned_models as (
    select
        positioned.*,
        models.model
    from positioned
    cross join models
),

-- A model with all touches (R8.6) also credits plain visits, which hold no position.
touches as (
    select
        coalesce(positioned_models.opportunity_id, credited_touches.opportunity_id) as opportunity_id,
        coalesce(positioned_models.touchpoint_id, credited_touches.touchpoint_id) as touchpoint_id,
        coalesce(positioned_models.model, credited_touches.model) as model,
        positioned_models.position_with,
        positioned_models.position_without,
        {{ as_percentage('coalesce(credited_touches.units_with, 0)') }} as percentage_with,
        {{ as_percentage('coalesce(credited_touches.units_without, 0)') }} as percentage_without,
        {{ as_money('coalesce(credited_touches.cents_with, 0)') }} as revenue_with,
        {{ as_money('coalesce(credited_touches.cents_without, 0)') }} as revenue_without
    from positioned_models
    full outer join credited_touches
        on positioned_models.opportunity_id = credited_touches.opportunity_id
        and positioned_models.touchpoint_id = credited_touches.touchpoint_id
        and positioned_models.model = credited_touches.model
),

one_sided as (
    select
        opportunity_id,
        max(case when position_with is not null then 1 else 0 end) as with_touches,
        max(case when position_without is not null then 1 else 0 end) as without_touches
    from positioned
    group by opportunity_id
    having max(case when position_with is not null then 1 else 0 end)
        <> max(case when position_without is not null then 1 else 0 end)
),

unattributed as (
    select
        one_sided.opportunity_id,
        '(unattributed)' as touchpoint_id,
        models.model,
        cast(null as string) as position_with,
        cast(null as string) as position_without,
        100 * (1 - one_sided.with_touches) as percentage_with,
        100 * (1 - one_sided.without_touches) as percentage_without,
        {{ as_money('opportunities.amount_cents * (1 - one_sided.with_touches)') }} as revenue_with,
        {{ as_money('opportunities.amount_cents * (1 - one_sided.without_touches)') }} as revenue_without
    from one_sided
    inner join opportunities on one_sided.opportunity_id = opportunities.opportunity_id
    cross join models
),

combined as (
    select * from touches
    union all
    select * from unattributed
)

select
    combined.opportunity_id,
    combined.touchpoint_id,
    combined.model,
    coalesce(touchpoints.channel, combined.touchpoint_id) as channel,
    coalesce(touchpoints.channel_path, combined.touchpoint_id) as channel_path,
    combined.position_with,
    combined.position_without,
    cast(combined.percentage_with as decimal(18, 12)) as percentage_with,
    cast(combined.percentage_without as decimal(18, 12)) as percentage_without,
    cast(combined.percentage_with - combined.percentage_without as decimal(18, 12)) as percentage_difference
    {%- for measure, expression in {'revenue_with': 'combined.revenue_with', 'revenue_without': 'combined.revenue_without',
        'revenue_difference': 'combined.revenue_with - combined.revenue_without'}.items() %},
    case when opportunities.amount_cents is not null then cast({{ expression }} as decimal(18, 2)) end as {{ measure }}
    {%- endfor %},
    opportunities.is_won,
    opportunities.is_closed
from combined
inner join opportunities on combined.opportunity_id = opportunities.opportunity_id
left join touchpoints on combined.touchpoint_id = touchpoints.touchpoint_id
