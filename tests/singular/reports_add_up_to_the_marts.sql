{{ config(meta={'dagster': {'ref': {'name': 'rpt_revenue_by_channel'}}}) }}

-- R8.4: the report by channel has exactly the revenue of the attribution touchpoints.
{%- for model in attribution_models() %}
select '{{ model }}' as model
from (
    select
        sum({{ model }}_revenue) as revenue,
        sum({{ model }}_pipeline_revenue) as pipeline_revenue
    from {{ ref('rpt_revenue_by_channel') }}
) as reported
cross join (
    select
        sum(case when is_won then {{ model }}_revenue else 0 end) as revenue,
        sum(case when not is_closed then {{ model }}_revenue else 0 end) as pipeline_revenue
    from {{ ref('fct_attribution_touchpoints') }}
) as credited
where coalesce(reported.revenue, 0) <> coalesce(credited.revenue, 0)
    or coalesce(reported.pipeline_revenue, 0) <> coalesce(credited.pipeline_revenue, 0)
{{ 'union all' if not loop.last }}
{%- endfor %}
