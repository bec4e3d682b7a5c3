-- One row per case (opportunity and scenario), model and touch with a share of it: the exact percentage and amount (R8.2,
-- R8.3). Shares are kept as whole numerators over one whole denominator a case and model, until they are rounded.
{%- set units = {'percentage': '100000000000000', 'amount': 'absolute_cents'} %}

with cases as (
    select
        case_number,
        scenario not in ('base', 'no_calls') as is_window,
        amount_cents,
        {{ big_integer('abs(amount_cents)') }} as absolute_cents
    from {{ ref('int_positions__opportunity_scenarios') }}
),

positions as (
    select
        positions.case_number,
        positions.touch_number,
        case positions.position_name when 'Pending' then 'Closed' else positions.position_name end as position_name,
        cases.is_window
    from {{ ref('int_positions__opportunity_touches') }} as positions
    inner join cases on positions.case_number = cases.case_number
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

-- R8.2 (1), (5): what every touch holds. Windows are asked for full path revenue only.
holders as (
    select
        positions.case_number,
        weights.model,
        positions.touch_number,
        sum(weights.weight) as held_weight,
        count(*) as held_positions
    from positions
    inner join weights
        on positions.position_name = weights.position_name
        and weights.weight > 0
        and (weights.model = 'full_path' or not positions.is_window)
    group by positions.case_number, weights.model, positions.touch_number
),

live as (
    select
        case_number,
        model,
        sum(held_weight) as live_weight,
        sum(held_positions) as live_positions
    from holders
    group by case_number, model
),

bounds as (
    select
        case_number,
        is_window,
        max(case when position_name = 'FT' then touch_number end) as first_touch,
        max(case when position_name = 'LC' then touch_number end) as lead_creation,
        max(case when position_name = 'OC' then touch_number end) as opportunity_creation
    from positions
    where position_name in ('FT', 'LC', 'OC')
    group by case_number, is_window
),

-- R8.1: conversions in the model's range that hold no position of weight above zero in it.
middles as (
    select
        positions.case_number,
        models.model,
        positions.touch_number
    from positions
    inner join bounds on positions.case_number = bounds.case_number
    inner join models
        on models.middle_weight > 0
        and (models.model = 'full_path' or not positions.is_window)
        and case models.middle_until
            when 'LC' then positions.touch_number > bounds.first_touch and positions.touch_number < bounds.lead_creation
            when 'OC' then positions.touch_number > bounds.first_touch and positions.touch_number < bounds.opportunity_creation
            else true
        end
    left join holders
        on positions.case_number = holders.case_number
        and positions.touch_number = holders.touch_number
        and models.model = holders.model
    where positions.position_name = 'Form'
        and holders.model is null
),

middle_counts as (
    select
        case_number,
        model,
        count(*) as middle_touches
    from middles
    group by case_number, model
),

-- R8.2 (3), (4): weights that are not live go to the live ones in proportion; the middle share is parted equally over
-- middle touches or, without any, over live positions.
totals as (
    select
        live.case_number,
        live.model,
        models.nominal_weight,
        models.middle_weight,
        live.live_weight,
        case when models.middle_weight = 0 then 1 else coalesce(middle_counts.middle_touches, live.live_positions) end
            as middle_parts,
        middle_counts.middle_touches is null as is_middle_spread
    from live
    inner join models on live.model = models.model
    left join middle_counts
        on live.case_number = middle_counts.case_number
        and live.model = middle_counts.model
),

shares as (
    select
        holders.case_number,
        holders.model,
        holders.touch_number,
        {{ big_integer('totals.nominal_weight * holders.held_weight') }} * totals.middle_parts
        + case when totals.is_middle_spread
            then {{ big_integer('totals.middle_weight * holders.held_positions') }} * totals.live_weight else 0 end as numerator,
        {{ big_integer('1000000 * totals.live_weight') }} * totals.middle_parts as denominator
    from holders
    inner join totals
        on holders.case_number = totals.case_number
        and holders.model = totals.model
    union all
    select
        middles.case_number,
        middles.model,
        middles.touch_number,
        {{ big_integer('totals.middle_weight * totals.live_weight') }},
        {{ big_integer('1000000 * totals.live_weight') }} * totals.middle_parts
    from middles
    inner join totals
        on middles.case_number = totals.case_number
        and middles.model = totals.model
    union all
    -- R8.2 (2): without a live position the first touch takes it all.
    select
        bounds.case_number,
        models.model,
        bounds.first_touch,
        1,
        1
    from bounds
    inner join models on models.model = 'full_path' or not bounds.is_window
    left join live
        on bounds.case_number = live.case_number
        and models.model = live.model
    where live.model is null
),

-- Largest remainder: what the whole parts leave over goes, one unit each, to the largest remainders, ties in touch order.
-- Under a window only the amount is asked for.
{%- for is_window in [false, true] %}
{%- set asked = ['amount'] if is_window else units | list %}
divided_{{ is_window | lower }} as (
    select
        shares.case_number,
        shares.model,
        shares.touch_number,
        shares.denominator,
        cases.amount_cents
        {%- for name in asked %},
        {{ whole_quotient('shares.numerator * ' ~ units[name], 'shares.denominator') }} as {{ name }}_units,
        (shares.numerator * {{ units[name] }}) % shares.denominator as {{ name }}_remainder
        {%- endfor %}
    from shares
    inner join cases
        on shares.case_number = cases.case_number
        and cases.is_window = {{ is_window | lower }}
),

rounded_{{ is_window | lower }} as (
    select
        *
        {%- for name in asked %},
        {%- set largest_first = 'partition by case_number, model order by ' ~ name ~ '_remainder desc, touch_number' %}
        {{ name }}_units + case when row_number() over ({{ largest_first }}) <= {{ whole_quotient(
            'sum(' ~ name ~ '_remainder) over (' ~ largest_first
            ~ ' rows between unbounded preceding and unbounded following)', 'denominator') }} then 1 else 0 end
            as {{ name }}_share
        {%- endfor %}
    from divided_{{ is_window | lower }}
){{ ',' if not loop.last }}
{% endfor %}
{%- for is_window in [false, true] %}
select
    case_number,
    model,
    touch_number,
    cast({{ 'null' if is_window else 'percentage_share' }} as bigint) as percentage_units,
    cast(amount_share * case when amount_cents < 0 then -1 else 1 end as bigint) as revenue_cents
from rounded_{{ is_window | lower }}
{{ 'union all' if not loop.last }}
{%- endfor %}
