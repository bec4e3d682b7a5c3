{{ config(meta={'component_key': {'column': 'opportunity_id', 'kinds': ['Opportunity']}}) }}

with opportunities as (
    select
        opportunity_id,
        buying_group_id,
        is_won,
        is_closed,
        amount_cents
    from {{ ref('int_opportunities__live') }}
),

journeys_without_calls as (
    select buying_group_id
    from {{ ref('int_journeys__journeys') }}
    where scenario = 'no_calls'
        and buying_group_id is not null
),

credit as (
    select
        scenario,
        buying_group_id,
        opportunity_id,
        touchpoint_id,
        touchpoint_position
        {%- for model in attribution_models() %},
        {{ model }}_percentage,
        {{ model }}_revenue
        {%- endfor %}
    from {{ ref('int_credit__touches') }}
),

touchpoints as (
    select
        touchpoint_id,
        channel,
        channel_path
    from {{ ref('fct_touchpoints') }}
),

models as (
    select model
    from (
        values
            {%- for model in attribution_models() %}
            ('{{ model }}'){{ ',' if not loop.last }}
            {%- endfor %}
    ) as names (model)
),

with_calls as (
    select * from credit where scenario = 'in_force'
),

-- Without calls in the buying group, both sides are equal.
without_calls as (
    select * from credit where scenario = 'no_calls'
    union all
    select *
    from with_calls
    where buying_group_id not in (select buying_group_id from journeys_without_calls)
),

compared as (
    select
        coalesce(with_calls.opportunity_id, without_calls.opportunity_id) as opportunity_id,
        coalesce(with_calls.touchpoint_id, without_calls.touchpoint_id) as touchpoint_id,
        with_calls.opportunity_id is not null as is_with,
        without_calls.opportunity_id is not null as is_without,
        with_calls.touchpoint_position as position_with,
        without_calls.touchpoint_position as position_without
        {%- for model in attribution_models() %},
        coalesce(with_calls.{{ model }}_percentage, 0) as {{ model }}_percentage_with,
        coalesce(without_calls.{{ model }}_percentage, 0) as {{ model }}_percentage_without,
        coalesce(with_calls.{{ model }}_revenue, 0) as {{ model }}_revenue_with,
        coalesce(without_calls.{{ model }}_revenue, 0) as {{ model }}_revenue_without
        {%- endfor %}
    from with_calls
    full outer join without_calls
        on with_calls.opportunity_id = without_calls.opportunity_id
        and with_calls.touchpoint_id = without_calls.touchpoint_id
),

touches as (
    select
        compared.opportunity_id,
        compared.touchpoint_id,
        models.model,
        compared.position_with,
        compared.position_without,
        {{ model_column('models.model', 'compared', 'percentage_with') }} as percentage_with,
        {{ model_column('models.model', 'compared', 'percentage_without') }} as percentage_without,
        {{ model_column('models.model', 'compared', 'revenue_with') }} as revenue_with,
        {{ model_column('models.model', 'compared', 'revenue_without') }} as revenue_without
    from compared
    cross join models
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
