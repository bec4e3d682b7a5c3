{{ config(meta={'dagster': {'ref': {'name': 'fct_attribution_credit'}}}) }}

-- R8.6: the documented models have the same shares in the columns of one mart and in the rows of the other.
with wide as (
    {%- for model in attribution_models() %}
    select
        opportunity_id,
        touchpoint_id,
        '{{ model }}' as model,
        {{ model }}_percentage as percentage,
        {{ model }}_revenue as revenue
    from {{ get_where_subquery(ref('fct_attribution_touchpoints')) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

credit as (
    select
        opportunity_id,
        touchpoint_id,
        model,
        percentage,
        revenue
    from {{ get_where_subquery(ref('fct_attribution_credit')) }}
)

select
    wide.opportunity_id,
    wide.touchpoint_id,
    wide.model,
    wide.percentage,
    credit.percentage as long_percentage,
    wide.revenue,
    credit.revenue as long_revenue
from wide
left join credit
    on wide.opportunity_id = credit.opportunity_id
    and wide.touchpoint_id = credit.touchpoint_id
    and wide.model = credit.model
where wide.percentage <> coalesce(credit.percentage, 0)
    or coalesce(wide.revenue, 0) <> coalesce(credit.revenue, 0)
