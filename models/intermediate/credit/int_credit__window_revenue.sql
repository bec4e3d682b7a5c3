-- R9.5: last model of the window scenarios. A group's journey in a scenario counts for every window that shares it.
with journeys as (
    select
        journey_key,
        scenario_key,
        buying_group_id
    from {{ ref('int_journeys__journeys') }}
),

buying_group_windows as (
    select
        buying_group_id,
        anchor,
        window_number,
        scenario_key
    from {{ ref('int_journeys__buying_group_windows') }}
),

won_opportunities as (
    select opportunity_id
    from {{ ref('int_opportunities__live') }}
    where is_won
),

opportunity_scenarios as (
    select
        opportunity_scenario_key,
        journey_key,
        opportunity_id
    from {{ ref('int_positions__opportunity_scenarios') }}
    where opportunity_id in (select opportunity_id from won_opportunities)
),

call_touches as (
    select
        opportunity_scenario_key,
        touch_key
    from {{ ref('int_positions__opportunity_touches') }}
    where is_made_by_call
),

shares as (
    select
        opportunity_scenario_key,
        touch_key,
        revenue_cents
    from {{ ref('int_credit__shares') }}
    where model = 'full_path'
),

touches as (
    select
        touch_key,
        touchpoint_id
    from {{ ref('int_journeys__touches') }}
),

session_touches as (
    select
        session_id,
        shown_channel_input_key
    from {{ ref('int_touchpoints__touches') }}
    where session_id is not null
),

calls as (
    select
        task_id,
        coalesce(touchpoint_medium, '') as touchpoint_medium,
        {{ call_source('activity_object') }} as call_source
    from {{ ref('int_touchpoints__verdicts') }}
    where is_counted
),

call_inputs as (
    select
        channel_input_key,
        utm_medium,
        utm_source
    from {{ ref('int_channels__inputs') }}
    where origin = 'call'
),

channels as (
    select
        channel_input_key,
        channel
    from {{ ref('int_channels__resolved') }}
),

-- R3.3: a call that is merged in the marts can be a separate call under another window, with a channel of its own.
touch_inputs as (
    select
        {{ session_touchpoint_id('session_id') }} as touchpoint_id,
        shown_channel_input_key as channel_input_key
    from session_touches
    union all
    select
        {{ call_touchpoint_id('calls.task_id') }},
        call_inputs.channel_input_key
    from calls
    inner join call_inputs
        on calls.touchpoint_medium = call_inputs.utm_medium
        and calls.call_source = call_inputs.utm_source
),

opportunity_revenue as (
    select
        opportunity_scenarios.journey_key,
        opportunity_scenarios.opportunity_id,
        channels.channel,
        cast(sum(shares.revenue_cents) as bigint) as cents
    from shares
    inner join call_touches
        on shares.opportunity_scenario_key = call_touches.opportunity_scenario_key
        and shares.touch_key = call_touches.touch_key
    inner join opportunity_scenarios
        on shares.opportunity_scenario_key = opportunity_scenarios.opportunity_scenario_key
    inner join touches on shares.touch_key = touches.touch_key
    inner join touch_inputs on touches.touchpoint_id = touch_inputs.touchpoint_id
    inner join channels on touch_inputs.channel_input_key = channels.channel_input_key
    group by opportunity_scenarios.journey_key, opportunity_scenarios.opportunity_id, channels.channel
)

select
    opportunity_revenue.opportunity_id,
    buying_group_windows.window_number,
    buying_group_windows.anchor,
    opportunity_revenue.channel,
    opportunity_revenue.cents
from opportunity_revenue
inner join journeys on opportunity_revenue.journey_key = journeys.journey_key
inner join buying_group_windows
    on journeys.buying_group_id = buying_group_windows.buying_group_id
    and journeys.scenario_key = buying_group_windows.scenario_key
