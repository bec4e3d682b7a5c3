-- One row per window, anchor and channel: what would be tied and earned with another window (R1.4, R9).
with windows as (
    select * from {{ ref('int_scenarios__windows') }}
),

session_channels as (
    select
        session_id,
        touchpoint_id,
        channel
    from {{ ref('int_touchpoints') }}
    where session_id is not null
),

-- R3.3: the channel of a call where it stands alone, which under some window it may.
call_channels as (
    select
        'task-' || calls.task_id as touchpoint_id,
        channels.channel
    from {{ ref('int_calls__verdicts') }} as calls
    inner join {{ ref('int_channels__inputs') }} as inputs
        on coalesce(calls.touchpoint_medium, '') = inputs.utm_medium
        and inputs.origin = 'call'
    inner join {{ ref('int_channels') }} as channels on inputs.channel_input_id = channels.channel_input_id
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

-- Ties that begin and end with the same windows are counted together before the windows are laid over them.
ties as (
    select
        ties.anchor,
        session_channels.channel,
        ties.from_window,
        ties.until_window,
        count(*) as calls
    from {{ ref('int_scenarios__call_ties') }} as ties
    inner join session_channels on ties.session_id = session_channels.session_id
    group by ties.anchor, session_channels.channel, ties.from_window, ties.until_window
),

tied as (
    select
        windows.window_number,
        ties.anchor,
        ties.channel,
        sum(ties.calls) as tied_calls
    from ties
    inner join windows
        on windows.window_number >= ties.from_window
        and windows.window_number < ties.until_window
    group by windows.window_number, ties.anchor, ties.channel
),

-- Full path revenue of touches that a call made, by scenario.
group_revenue as (
    select
        cases.scenario,
        cases.group_id,
        touch_channels.channel,
        sum(credit.revenue_cents) as cents
    from {{ ref('int_credit') }} as credit
    inner join {{ ref('int_opportunities__positions') }} as positions
        on credit.case_number = positions.case_number
        and credit.touch_number = positions.touch_number
        and positions.is_made_by_call
    inner join {{ ref('int_opportunities__cases') }} as cases on credit.case_number = cases.case_number
    inner join {{ ref('int_opportunities') }} as opportunities
        on cases.opportunity_id = opportunities.opportunity_id
        and opportunities.is_won
    inner join {{ ref('int_people__touches') }} as touches on credit.touch_number = touches.touch_number
    inner join touch_channels on touches.touchpoint_id = touch_channels.touchpoint_id
    where credit.model = 'full_path'
    group by cases.scenario, cases.group_id, touch_channels.channel
),

earned as (
    select
        group_windows.window_number,
        group_windows.anchor,
        group_revenue.channel,
        sum(group_revenue.cents) as cents
    from group_revenue
    inner join {{ ref('int_scenarios__group_windows') }} as group_windows
        on group_revenue.group_id = group_windows.group_id
        and group_revenue.scenario = group_windows.scenario
    group by group_windows.window_number, group_windows.anchor, group_revenue.channel
),

-- Every channel has a row for every window, so that its curve starts at zero.
channels as (
    select channel from tied
    union
    select channel from earned
),

anchors as (
    select anchor from (values ('session_start'), ('last_activity')) as names (anchor)
)

select
    windows.minutes as window_minutes,
    anchors.anchor,
    channels.channel,
    cast(coalesce(tied.tied_calls, 0) as bigint) as tied_calls,
    {{ as_money('coalesce(earned.cents, 0)') }} as full_path_revenue
from windows
cross join anchors
cross join channels
left join tied
    on windows.window_number = tied.window_number
    and anchors.anchor = tied.anchor
    and channels.channel = tied.channel
left join earned
    on windows.window_number = earned.window_number
    and anchors.anchor = earned.anchor
    and channels.channel = earned.channel
