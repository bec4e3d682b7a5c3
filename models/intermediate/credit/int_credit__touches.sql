-- One row per opportunity touch, in the marts (`base`) and without call tracking: what it holds, and its share in every
-- model.
with cases as (
    select * from {{ ref('int_positions__opportunity_scenarios') }} where scenario in ('base', 'no_calls')
),

touches as (
    select
        positions.case_number,
        positions.touch_number,
        {%- for flag, name in {'is_first_touch': 'FT', 'is_lead_creation_touch': 'LC', 'is_opportunity_creation_touch': 'OC',
            'is_closed_touch': 'Closed', 'is_pending': 'Pending', 'is_conversion': 'Form'}.items() %}
        max(case when positions.position_name = '{{ name }}' then 1 else 0 end) = 1 as {{ flag }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_positions__opportunity_touches') }} as positions
    inner join cases on positions.case_number = cases.case_number
    group by positions.case_number, positions.touch_number
),

{% for object in ['Lead', 'Opportunity'] -%}
{{ object | lower }}_stages as (
    select
        positions.case_number,
        positions.touch_number,
        {{ joined_text('positions.position_name', ['names.position_order']) }} as stage_names
    from {{ ref('int_positions__opportunity_touches') }} as positions
    inner join {{ ref('int_opportunities__position_names') }} as names
        on positions.position_name = names.position_name
        and names.object = '{{ object }}'
    group by positions.case_number, positions.touch_number
),

{% endfor -%}

credit as (
    select
        case_number,
        touch_number
        {%- for model in attribution_models() %},
        sum(case when model = '{{ model }}' then percentage_units else 0 end) as {{ model }}_units,
        sum(case when model = '{{ model }}' then revenue_cents else 0 end) as {{ model }}_cents
        {%- endfor %}
    from {{ ref('int_credit__shares') }}
    where case_number in (select case_number from cases)
    group by case_number, touch_number
)

select
    cases.scenario,
    cases.opportunity_id,
    cases.group_id,
    touchpoints.touchpoint_id,
    {{ printed_position({
        "'FT'": 'touches.is_first_touch',
        "'LC'": 'touches.is_lead_creation_touch',
        'lead_stages.stage_names': 'lead_stages.stage_names is not null',
        "'OC'": 'touches.is_opportunity_creation_touch',
        'opportunity_stages.stage_names': 'opportunity_stages.stage_names is not null',
        "'Form'": 'touches.is_conversion',
        "'Closed'": 'touches.is_closed_touch',
        "'Pending'": 'touches.is_pending',
    }) }} as touchpoint_position,
    touches.is_first_touch,
    touches.is_lead_creation_touch,
    touches.is_opportunity_creation_touch,
    touches.is_closed_touch,
    touches.is_pending,
    touches.is_conversion
    {%- for model in attribution_models() %},
    {{ as_percentage('coalesce(credit.' ~ model ~ '_units, 0)') }} as {{ model }}_percentage,
    case when cases.amount_cents is not null
        then {{ as_money('coalesce(credit.' ~ model ~ '_cents, 0)') }} end as {{ model }}_revenue
    {%- endfor %}
from touches
inner join cases on touches.case_number = cases.case_number
inner join {{ ref('int_journeys__touches') }} as touchpoints on touches.touch_number = touchpoints.touch_number
left join credit
    on touches.case_number = credit.case_number
    and touches.touch_number = credit.touch_number
{%- for object in ['lead', 'opportunity'] %}
left join {{ object }}_stages
    on touches.case_number = {{ object }}_stages.case_number
    and touches.touch_number = {{ object }}_stages.touch_number
{%- endfor %}
