-- One row per group with won opportunities, window, anchor and channel: full path revenue of touches that a call made, in
-- cents.
with session_channels as (
    select
        touchpoint_id,
        channel
    from {{ ref('fct_touchpoints') }}
    where session_id is not null
),

-- R3.3: the channel of a call where it stands alone, which under some window it may.
call_channels as (
    select
        'task-' || calls.task_id as touchpoint_id,
        channels.channel
    from {{ ref('int_touchpoints__verdicts') }} as calls
    inner join {{ ref('int_channels__inputs') }} as inputs
        on coalesce(calls.touchpoint_medium, '') = inputs.utm_medium
        and inputs.origin = 'call'
    inner join {{ ref('int_channels__resolved') }} as channels on inputs.channel_input_id = channels.channel_input_id
    where calls.is_tracked
),

touch_channels as (
    select
        touchpoint_id,
        channel
    from session_channels
    union all
    select
        touchpoint_id,
        channel
    from call_channels
),

group_revenue as (
    select
        cases.scenario,
        cases.group_id,
        cases.opportunity_id,
        touch_channels.channel,
        sum(credit.revenue_cents) as cents
    from {{ ref('int_credit__shares') }} as credit
    inner join {{ ref('int_positions__opportunity_touches') }} as positions
        on credit.case_number = positions.case_number
        and credit.touch_number = positions.touch_number
        and positions.is_made_by_call
    inner join {{ ref('int_positions__opportunity_scenarios') }} as cases on credit.case_number = cases.case_number
    inner join {{ ref('int_opportunities__live') }} as opportunities
        on cases.opportunity_id = opportunities.opportunity_id
        and opportunities.is_won
    inner join {{ ref('int_journeys__touches') }} as touches on credit.touch_number = touches.touch_number
    inner join touch_channels on touches.touchpoint_id = touch_channels.touchpoint_id
    where credit.model = 'full_path'
    group by cases.scenario, cases.group_id, cases.opportunity_id, touch_channels.channel
)

select
    group_revenue.opportunity_id,
    group_windows.window_number,
    group_windows.anchor,
    group_revenue.channel,
    cast(sum(group_revenue.cents) as bigint) as cents
from group_revenue
inner join {{ ref('int_journeys__group_windows') }} as group_windows
    on group_revenue.group_id = group_windows.group_id
    and group_revenue.scenario = group_windows.scenario
group by group_revenue.opportunity_id, group_windows.window_number, group_windows.anchor, group_revenue.channel
