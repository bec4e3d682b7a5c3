-- R8.2, R8.3: shares stay whole numerators over one whole denominator per opportunity scenario and model until they are
-- rounded, so that no share passes through a float.
with opportunity_scenarios as (
    select
        opportunity_scenario_key,
        journey_key,
        closes_before,
        is_full_path_only,
        amount_cents
    from {{ ref('int_positions__opportunity_scenarios') }}
),

journey_touches as (
    select
        journey_key,
        touch_key,
        touchpoint_date
    from {{ ref('int_journeys__journey_touches') }}
    where not is_conversion
),

opportunity_touches as (
    select
        opportunity_scenario_key,
        touch_key,
        case position_name when 'Pending' then 'Closed' else position_name end as position_name
    from {{ ref('int_positions__opportunity_touches') }}
),

weights as (
    select
        model,
        position_name,
        weight,
        middle_until,
        has_all_middle_touches
    from {{ ref('int_credit__weights') }}
),

positions as (
    select
        opportunity_touches.opportunity_scenario_key,
        opportunity_touches.touch_key,
        opportunity_touches.position_name,
        opportunity_scenarios.is_full_path_only
    from opportunity_touches
    inner join opportunity_scenarios
        on opportunity_touches.opportunity_scenario_key = opportunity_scenarios.opportunity_scenario_key
),

models as (
    select
        model,
        sum(case when position_name <> 'middle' then weight else 0 end) as nominal_weight,
        sum(case when position_name = 'middle' then weight else 0 end) as middle_weight,
        max(middle_until) as middle_until,
        max(case when has_all_middle_touches then 1 else 0 end) = 1 as has_all_middle_touches
    from weights
    group by model
),

-- R8.2 (1), (5): the assigned weight of every touch.
position_holders as (
    select
        positions.opportunity_scenario_key,
        weights.model,
        positions.touch_key,
        sum(weights.weight) as assigned_weight,
        count(*) as assigned_positions
    from positions
    inner join weights
        on positions.position_name = weights.position_name
        and weights.weight > 0
        and (weights.model = 'full_path' or not positions.is_full_path_only)
    group by positions.opportunity_scenario_key, weights.model, positions.touch_key
),

assigned as (
    select
        opportunity_scenario_key,
        model,
        sum(assigned_weight) as assigned_weight,
        sum(assigned_positions) as assigned_positions
    from position_holders
    group by opportunity_scenario_key, model
),

range_bounds as (
    select
        opportunity_scenario_key,
        is_full_path_only,
        max(case when position_name = 'FT' then touch_key end) as first_touch_key,
        max(case when position_name = 'LC' then touch_key end) as lead_creation_key,
        max(case when position_name = 'OC' then touch_key end) as opportunity_creation_key
    from positions
    where position_name in ('FT', 'LC', 'OC')
    group by opportunity_scenario_key, is_full_path_only
),

-- R8.1, R8.6: the touches among which a model can divide its middle weight. Plain visits are read only for models with all
-- touches.
middle_candidates as (
    select
        positions.opportunity_scenario_key,
        models.model,
        models.middle_until,
        positions.touch_key
    from positions
    inner join models
        on models.middle_weight > 0
        and (models.model = 'full_path' or not positions.is_full_path_only)
    where positions.position_name = 'Form'
    union all
    select
        opportunity_scenarios.opportunity_scenario_key,
        models.model,
        models.middle_until,
        journey_touches.touch_key
    from opportunity_scenarios
    inner join models
        on models.middle_weight > 0
        and models.has_all_middle_touches
        and (models.model = 'full_path' or not opportunity_scenarios.is_full_path_only)
    inner join journey_touches
        on opportunity_scenarios.journey_key = journey_touches.journey_key
        and (
            opportunity_scenarios.closes_before is null
            or journey_touches.touchpoint_date < opportunity_scenarios.closes_before
        )
),

-- R8.1: those in the model's range that hold no position of weight above zero in it.
middle_touches as (
    select
        middle_candidates.opportunity_scenario_key,
        middle_candidates.model,
        middle_candidates.touch_key
    from middle_candidates
    inner join range_bounds on middle_candidates.opportunity_scenario_key = range_bounds.opportunity_scenario_key
    left join position_holders
        on middle_candidates.opportunity_scenario_key = position_holders.opportunity_scenario_key
        and middle_candidates.touch_key = position_holders.touch_key
        and middle_candidates.model = position_holders.model
    where position_holders.model is null
        and case middle_candidates.middle_until
            when 'LC' then middle_candidates.touch_key > range_bounds.first_touch_key
                and middle_candidates.touch_key < range_bounds.lead_creation_key
            when 'OC' then middle_candidates.touch_key > range_bounds.first_touch_key
                and middle_candidates.touch_key < range_bounds.opportunity_creation_key
            else true
        end
),

middle_counts as (
    select
        opportunity_scenario_key,
        model,
        count(*) as middle_touches
    from middle_touches
    group by opportunity_scenario_key, model
),

-- R8.2 (3), (4): weights that are not assigned go to the assigned ones in proportion; the middle share is divided equally
-- between middle touches or, without any, between assigned positions.
totals as (
    select
        assigned.opportunity_scenario_key,
        assigned.model,
        models.nominal_weight,
        models.middle_weight,
        assigned.assigned_weight,
        case when models.middle_weight = 0 then 1 else coalesce(middle_counts.middle_touches, assigned.assigned_positions) end
            as middle_parts,
        middle_counts.middle_touches is null as is_middle_spread
    from assigned
    inner join models on assigned.model = models.model
    left join middle_counts
        on assigned.opportunity_scenario_key = middle_counts.opportunity_scenario_key
        and assigned.model = middle_counts.model
),

shares as (
    select
        position_holders.opportunity_scenario_key,
        position_holders.model,
        position_holders.touch_key,
        {{ big_integer('totals.nominal_weight * position_holders.assigned_weight') }} * totals.middle_parts
        + case when totals.is_middle_spread
            then {{ big_integer('totals.middle_weight * position_holders.assigned_positions') }} * totals.assigned_weight
            else 0 end as numerator,
        {{ big_integer('1000000 * totals.assigned_weight') }} * totals.middle_parts as denominator
    from position_holders
    inner join totals
        on position_holders.opportunity_scenario_key = totals.opportunity_scenario_key
        and position_holders.model = totals.model
    union all
    select
        middle_touches.opportunity_scenario_key,
        middle_touches.model,
        middle_touches.touch_key,
        {{ big_integer('totals.middle_weight * totals.assigned_weight') }},
        {{ big_integer('1000000 * totals.assigned_weight') }} * totals.middle_parts
    from middle_touches
    inner join totals
        on middle_touches.opportunity_scenario_key = totals.opportunity_scenario_key
        and middle_touches.model = totals.model
    union all
    -- R8.2 (2): without an assigned position, middle touches get everything in equal parts.
    select
        middle_touches.opportunity_scenario_key,
        middle_touches.model,
        middle_touches.touch_key,
        1,
        middle_counts.middle_touches
    from middle_touches
    inner join middle_counts
        on middle_touches.opportunity_scenario_key = middle_counts.opportunity_scenario_key
        and middle_touches.model = middle_counts.model
    left join assigned
        on middle_touches.opportunity_scenario_key = assigned.opportunity_scenario_key
        and middle_touches.model = assigned.model
    where assigned.model is null
    union all
    -- Without middle touches either, the first touch does.
    select
        range_bounds.opportunity_scenario_key,
        models.model,
        range_bounds.first_touch_key,
        1,
        1
    from range_bounds
    inner join models on models.model = 'full_path' or not range_bounds.is_full_path_only
    left join assigned
        on range_bounds.opportunity_scenario_key = assigned.opportunity_scenario_key
        and models.model = assigned.model
    left join middle_counts
        on range_bounds.opportunity_scenario_key = middle_counts.opportunity_scenario_key
        and models.model = middle_counts.model
    where assigned.model is null
        and middle_counts.model is null
),

-- The totals to divide, in whole units: 100 percent in units of 10^-12 percent, and the amount in cents.
dividends as (
    select
        opportunity_scenario_key,
        case when not is_full_path_only then {{ big_integer('100000000000000') }} end as percentage,
        {{ big_integer('abs(amount_cents)') }} as revenue,
        case when amount_cents < 0 then -1 else 1 end as revenue_sign
    from opportunity_scenarios
),

divided as (
    select
        shares.opportunity_scenario_key,
        shares.model,
        shares.touch_key,
        shares.denominator,
        {{ integer_divide('shares.numerator * dividends.percentage', 'shares.denominator') }} as percentage_units,
        (shares.numerator * dividends.percentage) % shares.denominator as percentage_remainder,
        {{ integer_divide('shares.numerator * dividends.revenue', 'shares.denominator') }} as revenue_units,
        (shares.numerator * dividends.revenue) % shares.denominator as revenue_remainder,
        dividends.revenue_sign
    from shares
    inner join dividends on shares.opportunity_scenario_key = dividends.opportunity_scenario_key
)

select
    opportunity_scenario_key,
    model,
    touch_key,
    cast({{ rounded_units('percentage') }} as bigint) as percentage_units,
    cast({{ rounded_units('revenue') }} * revenue_sign as bigint) as revenue_cents
from divided
