-- One row per scenario, opportunity, model and touch with a share of it: the exact percentage and amount (R8.2, R8.3).
-- Shares are kept as whole numerators over one whole denominator an opportunity and model, until they are rounded.
{%- set units = {'percentage': '100000000000000', 'amount': 'absolute_cents'} %}

with positions as (
    select * from {{ ref('int_opportunities__positions') }}
),

weights as (
    select * from {{ ref('int_credit__weights') }}
),

models as (
    select
        model,
        sum(case when position_name <> 'middle' then weight else 0 end) as nominal_weight,
        sum(case when position_name = 'middle' then weight else 0 end) as middle_weight,
        max(middle_until) as middle_until
    from weights
    group by model
),

-- Windows are asked for full path revenue only.
holders as (
    select
        positions.scenario,
        positions.opportunity_id,
        weights.model,
        positions.touch_order,
        sum(weights.weight) as held_weight,
        count(*) as held_positions
    from positions
    inner join weights
        on case positions.position_name when 'Pending' then 'Closed' else positions.position_name end = weights.position_name
        and weights.weight > 0
    where positions.scenario in ('base', 'without_calls')
        or weights.model = 'full_path'
    group by positions.scenario, positions.opportunity_id, weights.model, positions.touch_order
),

bounds as (
    select
        scenario,
        opportunity_id,
        max(case when position_name = 'FT' then touch_order end) as first_touch,
        max(case when position_name = 'LC' then touch_order end) as lead_creation,
        max(case when position_name = 'OC' then touch_order end) as opportunity_creation
    from positions
    where position_name in ('FT', 'LC', 'OC')
    group by scenario, opportunity_id
),

-- Conversions in the model's range that hold no position of weight above zero in it.
middles as (
    select
        positions.scenario,
        positions.opportunity_id,
        models.model,
        positions.touch_order
    from positions
    inner join bounds
        on positions.scenario = bounds.scenario
        and positions.opportunity_id = bounds.opportunity_id
    inner join models
        on models.middle_weight > 0
        and (positions.scenario in ('base', 'without_calls') or models.model = 'full_path')
        and case models.middle_until
            when 'LC' then positions.touch_order > bounds.first_touch and positions.touch_order < bounds.lead_creation
            when 'OC' then positions.touch_order > bounds.first_touch and positions.touch_order < bounds.opportunity_creation
            else true
        end
    left join holders
        on positions.scenario = holders.scenario
        and positions.opportunity_id = holders.opportunity_id
        and positions.touch_order = holders.touch_order
        and models.model = holders.model
    where positions.position_name = 'Form'
        and holders.model is null
),

live as (
    select
        scenario,
        opportunity_id,
        model,
        sum(held_weight) as live_weight,
        sum(held_positions) as live_positions
    from holders
    group by scenario, opportunity_id, model
),

middle_counts as (
    select
        scenario,
        opportunity_id,
        model,
        count(*) as middle_touches
    from middles
    group by scenario, opportunity_id, model
),

-- One row per scenario, opportunity and model: with the middle share spread over middle touches, or over live positions.
totals as (
    select
        live.scenario,
        live.opportunity_id,
        live.model,
        models.nominal_weight,
        models.middle_weight,
        live.live_weight,
        live.live_positions,
        coalesce(middle_counts.middle_touches, 0) as middle_touches,
        case when models.middle_weight = 0 then 1 else coalesce(middle_counts.middle_touches, live.live_positions) end
            as middle_parts
    from live
    inner join models on live.model = models.model
    left join middle_counts
        on live.scenario = middle_counts.scenario
        and live.opportunity_id = middle_counts.opportunity_id
        and live.model = middle_counts.model
),

shares as (
    select
        holders.scenario,
        holders.opportunity_id,
        holders.model,
        holders.touch_order,
        {{ big_integer('totals.nominal_weight * holders.held_weight') }} * totals.middle_parts
        + case when totals.middle_touches = 0
            then {{ big_integer('totals.middle_weight * holders.held_positions') }} * totals.live_weight else 0 end as numerator,
        {{ big_integer('1000000 * totals.live_weight') }} * totals.middle_parts as denominator
    from holders
    inner join totals
        on holders.scenario = totals.scenario
        and holders.opportunity_id = totals.opportunity_id
        and holders.model = totals.model
    union all
    select
        middles.scenario,
        middles.opportunity_id,
        middles.model,
        middles.touch_order,
        {{ big_integer('totals.middle_weight * totals.live_weight') }},
        {{ big_integer('1000000 * totals.live_weight') }} * totals.middle_parts
    from middles
    inner join totals
        on middles.scenario = totals.scenario
        and middles.opportunity_id = totals.opportunity_id
        and middles.model = totals.model
    union all
    -- R8.2 (2): without a live position the first touch takes it all.
    select
        bounds.scenario,
        bounds.opportunity_id,
        models.model,
        bounds.first_touch,
        1,
        1
    from bounds
    inner join models
        on bounds.scenario in ('base', 'without_calls')
        or models.model = 'full_path'
    left join live
        on bounds.scenario = live.scenario
        and bounds.opportunity_id = live.opportunity_id
        and models.model = live.model
    where live.model is null
),

divided as (
    select
        shares.scenario,
        shares.opportunity_id,
        shares.model,
        shares.touch_order,
        opportunities.amount_cents,
        {% for name, total in units.items() -%}
        {{ whole_quotient('numerator * ' ~ total, 'denominator') }} as {{ name }}_units,
        (numerator * {{ total }}) % denominator as {{ name }}_remainder,
        {% endfor -%}
        shares.denominator
    from shares
    inner join (
        select
            opportunity_id,
            amount_cents,
            {{ big_integer('abs(amount_cents)') }} as absolute_cents
        from {{ ref('int_opportunities') }}
    ) as opportunities on shares.opportunity_id = opportunities.opportunity_id
),

-- Largest remainder: what the whole parts leave over goes, one unit each, to the largest remainders, ties in touch order.
rounded as (
    select
        *,
        {%- for name in units %}
        {{ name }}_units + case when row_number() over (
            partition by scenario, opportunity_id, model order by {{ name }}_remainder desc, touch_order
        ) <= {{ whole_quotient('sum(' ~ name ~ '_remainder) over (partition by scenario, opportunity_id, model)', 'denominator') }}
            then 1 else 0 end as {{ name }}_share{{ ',' if not loop.last }}
        {%- endfor %}
    from divided
)

select
    scenario,
    opportunity_id,
    model,
    touch_order,
    cast(percentage_share as bigint) as percentage_units,
    cast(amount_share * case when amount_cents < 0 then -1 else 1 end as bigint) as revenue_cents
from rounded
