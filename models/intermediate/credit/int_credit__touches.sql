-- R9.4: last model of the what-if scenarios that need every attribution model; its rows carry their scenario's name.
with journeys as (
    select
        journey_key,
        scenario,
        buying_group_id
    from {{ ref('int_journeys__journeys') }}
),

opportunity_scenarios as (
    select
        opportunity_scenario_key,
        journey_key,
        opportunity_id,
        amount_cents
    from {{ ref('int_positions__opportunity_scenarios') }}
    where not is_full_path_only
),

opportunity_touches as (
    select
        opportunity_scenario_key,
        touch_key,
        position_name
    from {{ ref('int_positions__opportunity_touches') }}
    where opportunity_scenario_key in (select opportunity_scenario_key from opportunity_scenarios)
),

shares as (
    select
        opportunity_scenario_key,
        model,
        touch_key,
        percentage_units,
        revenue_cents
    from {{ ref('int_credit__shares') }}
    where opportunity_scenario_key in (select opportunity_scenario_key from opportunity_scenarios)
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
        touch_key,
        touchpoint_id
    from {{ ref('int_journeys__touches') }}
),

touches as (
    select
        opportunity_scenario_key,
        touch_key,
        max(case when position_name = 'FT' then 1 else 0 end) = 1 as is_first_touch,
        max(case when position_name = 'LC' then 1 else 0 end) = 1 as is_lead_creation_touch,
        max(case when position_name = 'OC' then 1 else 0 end) = 1 as is_opportunity_creation_touch,
        max(case when position_name = 'Closed' then 1 else 0 end) = 1 as is_closed_touch,
        max(case when position_name = 'Pending' then 1 else 0 end) = 1 as is_pending,
        max(case when position_name = 'Form' then 1 else 0 end) = 1 as is_conversion
    from opportunity_touches
    group by opportunity_scenario_key, touch_key
),

stages as (
    select
        opportunity_touches.opportunity_scenario_key,
        opportunity_touches.touch_key,
        position_names.object,
        {{ ordered_listagg('opportunity_touches.position_name', ['position_names.position_order']) }} as stage_names
    from opportunity_touches
    inner join position_names
        on opportunity_touches.position_name = position_names.position_name
        and position_names.object is not null
    group by opportunity_touches.opportunity_scenario_key, opportunity_touches.touch_key, position_names.object
),

credit as (
    select
        opportunity_scenario_key,
        touch_key
        {%- for model in attribution_models() %},
        sum(case when model = '{{ model }}' then percentage_units else 0 end) as {{ model }}_units,
        sum(case when model = '{{ model }}' then revenue_cents else 0 end) as {{ model }}_cents
        {%- endfor %}
    from shares
    group by opportunity_scenario_key, touch_key
)

select
    opportunity_scenarios.opportunity_scenario_key,
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
inner join opportunity_scenarios on touches.opportunity_scenario_key = opportunity_scenarios.opportunity_scenario_key
inner join journeys on opportunity_scenarios.journey_key = journeys.journey_key
inner join touchpoints on touches.touch_key = touchpoints.touch_key
left join credit
    on touches.opportunity_scenario_key = credit.opportunity_scenario_key
    and touches.touch_key = credit.touch_key
left join stages as lead_stages
    on touches.opportunity_scenario_key = lead_stages.opportunity_scenario_key
    and touches.touch_key = lead_stages.touch_key
    and lead_stages.object = 'Lead'
left join stages as opportunity_stages
    on touches.opportunity_scenario_key = opportunity_stages.opportunity_scenario_key
    and touches.touch_key = opportunity_stages.touch_key
    and opportunity_stages.object = 'Opportunity'
