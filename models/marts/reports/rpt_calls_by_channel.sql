with touchpoints as (
    select
        touchpoint_id,
        channel,
        channel_path,
        crm_task_id
    from {{ ref('fct_touchpoints') }}
    where is_conversion
),

counted_calls as (
    select
        touchpoint_id,
        session_id,
        verdict
    from {{ ref('fct_calls') }}
    where verdict in ('merged', 'merged_secondary', 'separate_unknown_bizible_id', 'separate_outside_window')
),

person_touchpoints as (
    select
        touchpoint_id,
        email
    from {{ ref('fct_person_touchpoints') }}
),

attribution_touchpoints as (
    select * from {{ ref('fct_attribution_touchpoints') }}
),

calls as (
    select
        touchpoints.channel,
        touchpoints.channel_path,
        count(*) as calls,
        count(case when counted_calls.verdict = 'merged' then 1 end) as calls_merged,
        count(case when counted_calls.verdict = 'merged_secondary' then 1 end) as calls_merged_secondary,
        count(case when counted_calls.session_id is null then 1 end) as calls_separate
    from counted_calls
    inner join touchpoints on counted_calls.touchpoint_id = touchpoints.touchpoint_id
    group by touchpoints.channel, touchpoints.channel_path
),

-- This CTE and the next one count only touches that a call made.
people as (
    select
        touchpoints.channel_path,
        count(distinct person_touchpoints.email) as people
    from touchpoints
    inner join person_touchpoints on touchpoints.touchpoint_id = person_touchpoints.touchpoint_id
    where touchpoints.crm_task_id is not null
    group by touchpoints.channel_path
),

credit as (
    select
        touchpoints.channel_path,
        count(distinct attribution_touchpoints.opportunity_id) as opportunities,
        count(distinct case when attribution_touchpoints.is_won then attribution_touchpoints.opportunity_id end) as won_opportunities,
        {{- revenue_columns() }}
    from touchpoints
    inner join attribution_touchpoints on touchpoints.touchpoint_id = attribution_touchpoints.touchpoint_id
    where touchpoints.crm_task_id is not null
    group by touchpoints.channel_path
)

select
    calls.channel,
    calls.channel_path,
    calls.calls,
    calls.calls_merged,
    calls.calls_merged_secondary,
    calls.calls_separate,
    coalesce(people.people, 0) as people,
    coalesce(credit.opportunities, 0) as opportunities,
    coalesce(credit.won_opportunities, 0) as won_opportunities
    {%- for model in attribution_models() %},
    coalesce(credit.{{ model }}_revenue, 0) as {{ model }}_revenue,
    coalesce(credit.{{ model }}_pipeline_revenue, 0) as {{ model }}_pipeline_revenue
    {%- endfor %}
from calls
left join people on calls.channel_path = people.channel_path
left join credit on calls.channel_path = credit.channel_path
