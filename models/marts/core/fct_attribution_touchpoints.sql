-- One row per opportunity and touch that holds a position on it, with its credit in every model (R7, R8).
with positions as (
    select * from {{ ref('int_opportunities__positions') }} where scenario = 'base'
),

touches as (
    select
        positions.opportunity_id,
        positions.touch_order,
        {{ joined_text('positions.position_name', 'names.position_order') }} as touchpoint_position,
        {%- for flag, name in {'is_first_touch': 'FT', 'is_lead_creation_touch': 'LC', 'is_opportunity_creation_touch': 'OC',
            'is_closed_touch': 'Closed', 'is_pending': 'Pending'}.items() %}
        max(case when positions.position_name = '{{ name }}' then 1 else 0 end) = 1 as {{ flag }},
        {%- endfor %}
        max(case when positions.position_name = 'Form' then 1 else 0 end) = 1
        and max(case when positions.position_name in ('FT', 'LC', 'OC', 'Closed', 'Pending') then 1 else 0 end) = 0
            as is_middle_touch
    from positions
    inner join {{ ref('int_credit__positions') }} as names on positions.position_name = names.position_name
    group by positions.opportunity_id, positions.touch_order
),

credit as (
    select
        opportunity_id,
        touch_order
        {%- for model in attribution_models() %},
        sum(case when model = '{{ model }}' then percentage_units else 0 end) as {{ model }}_units,
        sum(case when model = '{{ model }}' then revenue_cents else 0 end) as {{ model }}_cents
        {%- endfor %}
    from {{ ref('int_credit') }}
    where scenario = 'base'
    group by opportunity_id, touch_order
)

select
    touches.opportunity_id || '-' || {{ ordered_touchpoint('touches.touch_order') }} as attribution_touchpoint_id,
    touches.opportunity_id,
    opportunities.account_id,
    contacts.contact_id,
    {{ ordered_touchpoint('touches.touch_order') }} as touchpoint_id,
    touches.touchpoint_position,
    touches.is_first_touch,
    touches.is_lead_creation_touch,
    touches.is_opportunity_creation_touch,
    touches.is_closed_touch,
    touches.is_pending,
    touches.is_middle_touch,
    opportunities.is_won,
    opportunities.is_closed,
    opportunities.close_date
    {%- for model in attribution_models() %},
    {{ as_percentage('coalesce(credit.' ~ model ~ '_units, 0)') }} as {{ model }}_percentage,
    case when opportunities.amount_cents is not null
        then {{ as_money('coalesce(credit.' ~ model ~ '_cents, 0)') }} end as {{ model }}_revenue
    {%- endfor %}
from touches
inner join {{ ref('int_opportunities') }} as opportunities on touches.opportunity_id = opportunities.opportunity_id
left join credit
    on touches.opportunity_id = credit.opportunity_id
    and touches.touch_order = credit.touch_order
left join {{ ref('int_opportunities__touch_contacts') }} as contacts
    on opportunities.group_id = contacts.group_id
    and {{ ordered_touchpoint('touches.touch_order') }} = contacts.touchpoint_id
