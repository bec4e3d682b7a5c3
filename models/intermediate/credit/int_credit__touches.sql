-- R9.4: last model of the what-if scenarios that need every attribution model; its rows carry their scenario's name.
with journeys as (
    select
        journey_number,
        scenario,
        buying_group_id
    from {{ ref('int_journeys__journeys') }}
),

opportunity_scenarios as (
    select
        opportunity_scenario_number,
        journey_number,
        opportunity_id,
        amount_cents
    from {{ ref('int_positions__opportunity_scenarios') }}
    where not is_full_path_only
),

opportunity_touches as (
    select
        opportunity_scenario_number,
        touch_number,
        position_name
    from {{ ref('int_positions__opportunity_touches') }}
    where opportunity_scenario_number in (select opportunity_scenario_number from opportunity_scenarios)
),

shares as (
    select
        opportunity_scenario_number,
        model,
        touch_number,
        percentage_units,
        revenue_cents
    from {{ ref('int_credit__shares') }}
    where opportunity_scenario_number in (select opportunity_scenario_number from opportunity_scenarios)
),

position_names as (
    select
        position_name,
        position_order,
        object
    from {{ ref('int_opportunities__position_names') }}
),

touchpoints as (
    select
        touch_number,
        touchpoint_id
    from {{ ref('int_journeys__touches') }}
),

touches as (
    select
        opportunity_scenario_number,
        touch_number,
        max(case when position_name = 'FT' then 1 else 0 end) = 1 as is_first_touch,
        max(case when position_name = 'LC' then 1 else 0 end) = 1 as is_lead_creation_touch,
        max(case when position_name = 'OC' then 1 else 0 end) = 1 as is_opportunity_creation_touch,
        max(case when position_name = 'Closed' then 1 else 0 end) = 1 as is_closed_touch,
        max(case when position_name = 'Pending' then 1 else 0 end) = 1 as is_pending,
        max(case when position_name = 'Form' then 1 else 0 end) = 1 as is_conversion
    from opportunity_touches
    group by opportunity_scenario_number, touch_number
),

stages as (
    select
        opportunity_touches.opportunity_scenario_number,
        opportunity_touches.touch_number,
        position_names.object,
        {{ ordered_listagg('opportunity_touches.position_name', ['position_names.position_order']) }} as stage_names
    from opportunity_touches
    inner join position_names
        on opportunity_touches.position_name = position_names.position_name
        and position_names.object is not null
    group by opportunity_touches.opportunity_scenario_number, opportunity_touches.touch_number, position_names.object
),

credit as (
    select
        opportunity_scenario_number,
        touch_number
        {%- for model in attribution_models() %},
        sum(case when model = '{{ model }}' then percentage_units else 0 end) as {{ model }}_units,
        sum(case when model = '{{ model }}' then revenue_cents else 0 end) as {{ model }}_cents
        {%- endfor %}
    from shares
    group by opportunity_scenario_number, touch_number
)

select
    opportunity_scenarios.opportunity_scenario_number,
    journeys.scenario,
    journeys.buying_group_id,
    opportunity_scenarios.opportunity_id,
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
    case when opportunity_scenarios.amount_cents is not null
        then {{ as_money('coalesce(credit.' ~ model ~ '_cents, 0)') }} end as {{ model }}_revenue
    {%- endfor %}
from touches
inner join opportunity_scenarios on touches.opportunity_scenario_number = opportunity_scenarios.opportunity_scenario_number
inner join journeys on opportunity_scenarios.journey_number = journeys.journey_number
inner join touchpoints on touches.touch_number = touchpoints.touch_number
left join credit
    on touches.opportunity_scenario_number = credit.opportunity_scenario_number
    and touches.touch_number = credit.touch_number
left join stages as lead_stages
    on touches.opportunity_scenario_number = lead_stages.opportunity_scenario_number
    and touches.touch_number = lead_stages.touch_number
    and lead_stages.object = 'Lead'
left join stages as opportunity_stages
    on touches.opportunity_scenario_number = opportunity_stages.opportunity_scenario_number
    and touches.touch_number = opportunity_stages.touch_number
    and opportunity_stages.object = 'Opportunity'
