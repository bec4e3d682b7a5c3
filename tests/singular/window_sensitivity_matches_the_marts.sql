{{ config(meta={'dagster': {'ref': {'name': 'rpt_call_window_sensitivity'}}}) }}

-- R1.4, R9: for the window of the marts, the report equals the marts, to the cent.
{%- set in_force = "window_minutes = " ~ var('call_session_window_minutes') ~ " and anchor = '"
    ~ var('call_session_window_anchor') ~ "'" %}
with reported as (
    select
        channel,
        tied_calls,
        full_path_revenue
    from {{ ref('rpt_call_window_sensitivity') }}
    where {{ in_force }}
),

calls as (
    select
        touchpoints.channel,
        count(*) as tied_calls
    from {{ ref('fct_calls') }} as calls
    inner join {{ ref('fct_touchpoints') }} as touchpoints on calls.touchpoint_id = touchpoints.touchpoint_id
    where calls.verdict in ('merged', 'merged_secondary')
    group by touchpoints.channel
),

revenue as (
    select
        touchpoints.channel,
        sum(credit.full_path_revenue) as full_path_revenue
    from {{ ref('fct_attribution_touchpoints') }} as credit
    inner join {{ ref('fct_touchpoints') }} as touchpoints on credit.touchpoint_id = touchpoints.touchpoint_id
    where credit.is_won
        and touchpoints.crm_task_id is not null
    group by touchpoints.channel
),

expected as (
    select
        coalesce(calls.channel, revenue.channel) as channel,
        coalesce(calls.tied_calls, 0) as tied_calls,
        coalesce(revenue.full_path_revenue, 0) as full_path_revenue
    from calls
    full outer join revenue on calls.channel = revenue.channel
)

select
    expected.channel,
    expected.tied_calls,
    expected.full_path_revenue,
    reported.tied_calls as reported_calls,
    reported.full_path_revenue as reported_revenue
from expected
left join reported on expected.channel = reported.channel
where (expected.tied_calls <> coalesce(reported.tied_calls, 0)
    or expected.full_path_revenue <> coalesce(reported.full_path_revenue, 0))
    -- The report contains only windows that the seed lists.
    and exists (select 1 from {{ ref('rpt_call_window_sensitivity') }} where {{ in_force }})
