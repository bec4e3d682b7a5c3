-- One row per opportunity touch, in the marts (`base`) and without call tracking: what it holds, and its share in every
-- model.
with positions as (
    select * from {{ ref('int_opportunities__positions') }} where scenario in ('base', 'without_calls')
),

touches as (
    select
        positions.scenario,
        positions.opportunity_id,
        positions.touch_order,
        {{ joined_text('positions.position_name', 'names.position_order') }} as touchpoint_position,
        {%- for flag, name in {'is_first_touch': 'FT', 'is_lead_creation_touch': 'LC', 'is_opportunity_creation_touch': 'OC',
            'is_closed_touch': 'Closed', 'is_pending': 'Pending', 'is_conversion': 'Form'}.items() %}
        max(case when positions.position_name = '{{ name }}' then 1 else 0 end) = 1 as {{ flag }}{{ ',' if not loop.last }}
        {%- endfor %}
    from positions
    inner join {{ ref('int_credit__positions') }} as names on positions.position_name = names.position_name
    group by positions.scenario, positions.opportunity_id, positions.touch_order
),

credit as (
    select
        scenario,
        opportunity_id,
        touch_order
        {%- for model in attribution_models() %},
        sum(case when model = '{{ model }}' then percentage_units else 0 end) as {{ model }}_units,
        sum(case when model = '{{ model }}' then revenue_cents else 0 end) as {{ model }}_cents
        {%- endfor %}
    from {{ ref('int_credit') }}
    where scenario in ('base', 'without_calls')
    group by scenario, opportunity_id, touch_order
)

select
    touches.scenario,
    touches.opportunity_id,
    {{ ordered_touchpoint('touches.touch_order') }} as touchpoint_id,
    touches.touchpoint_position,
    touches.is_first_touch,
    touches.is_lead_creation_touch,
    touches.is_opportunity_creation_touch,
    touches.is_closed_touch,
    touches.is_pending,
    touches.is_conversion
    {%- for model in attribution_models() %},
    {{ as_percentage('coalesce(credit.' ~ model ~ '_units, 0)') }} as {{ model }}_percentage,
    case when opportunities.amount_cents is not null
        then {{ as_money('coalesce(credit.' ~ model ~ '_cents, 0)') }} end as {{ model }}_revenue
    {%- endfor %}
from touches
inner join {{ ref('int_opportunities') }} as opportunities on touches.opportunity_id = opportunities.opportunity_id
left join credit
    on touches.scenario = credit.scenario
    and touches.opportunity_id = credit.opportunity_id
    and touches.touch_order = credit.touch_order
