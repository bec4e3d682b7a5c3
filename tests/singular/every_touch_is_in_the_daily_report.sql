{{ config(meta={'dagster': {'ref': {'name': 'rpt_daily'}}}) }}

-- R9.1: the daily report has every touch once, and all won and open money that touches hold.
select
    reported.touches,
    touchpoints.touches as touches_of_the_mart,
    credit.model
from (
    {%- for model in attribution_models() %}
    select
        '{{ model }}' as model,
        coalesce(sum(case when is_won then {{ model }}_revenue end), 0) as revenue,
        coalesce(sum(case when not is_closed then {{ model }}_revenue end), 0) as pipeline_revenue
    from {{ ref('fct_attribution_touchpoints') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
) as credit
inner join (
    {%- for model in attribution_models() %}
    select
        '{{ model }}' as model,
        coalesce(sum(touches), 0) as touches,
        coalesce(sum({{ model }}_revenue), 0) as revenue,
        coalesce(sum({{ model }}_pipeline_revenue), 0) as pipeline_revenue
    from {{ ref('rpt_daily') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
) as reported on credit.model = reported.model
cross join (select count(*) as touches from {{ ref('fct_touchpoints') }}) as touchpoints
where reported.touches <> touchpoints.touches
    or reported.revenue <> credit.revenue
    or reported.pipeline_revenue <> credit.pipeline_revenue
