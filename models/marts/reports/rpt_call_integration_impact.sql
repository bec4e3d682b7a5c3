{{ config(
    materialized='by_component' if target.type in ('duckdb', 'spark') else 'table',
    meta={'component_key': {'column': 'opportunity_id', 'kinds': ['Opportunity']}}
) }}

{%- set measures = ['percentage', 'revenue'] %}

with opportunities as (
    select
        opportunities.opportunity_id,
        opportunities.is_won,
        opportunities.is_closed,
        opportunities.amount_cents,
        journeys.group_id is not null as is_affected
    from {{ ref('int_opportunities__live') }} as opportunities
    left join {{ ref('int_journeys__scenarios') }} as journeys
        on opportunities.group_id = journeys.group_id
        and journeys.scenario = 'no_calls'
),

with_calls as (
    select
        touches.*,
        opportunities.is_affected
    from {{ ref('int_credit__touches') }} as touches
    inner join opportunities on touches.opportunity_id = opportunities.opportunity_id
    where touches.scenario = 'base'
),

-- Where nobody called, both sides are the same.
without_calls as (
    select
        *,
        true as is_affected
    from {{ ref('int_credit__touches') }}
    where scenario = 'no_calls'
    union all
    select * from with_calls where not is_affected
),

compared as (
    select
        coalesce(with_calls.opportunity_id, without_calls.opportunity_id) as opportunity_id,
        coalesce(with_calls.touchpoint_id, without_calls.touchpoint_id) as touchpoint_id,
        with_calls.opportunity_id is not null as is_with,
        without_calls.opportunity_id is not null as is_without,
        with_calls.touchpoint_position as position_with,
        without_calls.touchpoint_position as position_without
        {%- for model in attribution_models() %}{% for measure in measures %},
        coalesce(with_calls.{{ model }}_{{ measure }}, 0) as {{ model }}_{{ measure }}_with,
        coalesce(without_calls.{{ model }}_{{ measure }}, 0) as {{ model }}_{{ measure }}_without
        {%- endfor %}{% endfor %}
    from with_calls
    full outer join without_calls
        on with_calls.opportunity_id = without_calls.opportunity_id
        and with_calls.touchpoint_id = without_calls.touchpoint_id
),

touches as (
    {% for model in attribution_models() -%}
    select
        opportunity_id,
        touchpoint_id,
        '{{ model }}' as model,
        position_with,
        position_without
        {%- for measure in measures %},
        {{ model }}_{{ measure }}_with as {{ measure }}_with,
        {{ model }}_{{ measure }}_without as {{ measure }}_without
        {%- endfor %}
    from compared
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

one_sided as (
    select
        opportunity_id,
        max(case when is_with then 1 else 0 end) as with_touches,
        max(case when is_without then 1 else 0 end) as without_touches
    from compared
    group by opportunity_id
    having max(case when is_with then 1 else 0 end) <> max(case when is_without then 1 else 0 end)
),

unattributed as (
    {% for model in attribution_models() -%}
    select
        one_sided.opportunity_id,
        '(unattributed)' as touchpoint_id,
        '{{ model }}' as model,
        cast(null as string) as position_with,
        cast(null as string) as position_without,
        100 * (1 - one_sided.with_touches) as percentage_with,
        100 * (1 - one_sided.without_touches) as percentage_without,
        {{ as_money('opportunities.amount_cents * (1 - one_sided.with_touches)') }} as revenue_with,
        {{ as_money('opportunities.amount_cents * (1 - one_sided.without_touches)') }} as revenue_without
    from one_sided
    inner join opportunities on one_sided.opportunity_id = opportunities.opportunity_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

moved as (
    select * from touches
    union all
    select * from unattributed
)

select
    moved.opportunity_id,
    moved.touchpoint_id,
    moved.model,
    coalesce(touchpoints.channel, moved.touchpoint_id) as channel,
    coalesce(touchpoints.channel_path, moved.touchpoint_id) as channel_path,
    moved.position_with,
    moved.position_without,
    cast(moved.percentage_with as decimal(18, 12)) as percentage_with,
    cast(moved.percentage_without as decimal(18, 12)) as percentage_without,
    cast(moved.percentage_with - moved.percentage_without as decimal(18, 12)) as percentage_difference
    {%- for measure, expression in {'revenue_with': 'moved.revenue_with', 'revenue_without': 'moved.revenue_without',
        'revenue_difference': 'moved.revenue_with - moved.revenue_without'}.items() %},
    case when opportunities.amount_cents is not null then cast({{ expression }} as decimal(18, 2)) end as {{ measure }}
    {%- endfor %},
    opportunities.is_won,
    opportunities.is_closed
from moved
inner join opportunities on moved.opportunity_id = opportunities.opportunity_id
left join {{ ref('fct_touchpoints') }} as touchpoints on moved.touchpoint_id = touchpoints.touchpoint_id
