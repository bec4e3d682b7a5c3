{{ config(meta={'component_key': {'column': 'opportunity_id', 'kinds': ['Opportunity']}}) }}

with opportunities as (
    select
        live.opportunity_id,
        live.account_id,
        live.created_at,
        live.close_date,
        live.is_closed,
        live.is_won,
        live.amount_cents,
        live.amount_source,
        records.opportunity_name,
        records.stage_name,
        records.owner_id
    from {{ ref('int_opportunities__live') }} as live
    inner join {{ ref('stg_salesforce__opportunities') }} as records on live.opportunity_id = records.opportunity_id
),

accounts as (
    select
        account_id,
        account_name
    from {{ ref('stg_salesforce__accounts') }}
),

users as (
    select
        user_id,
        user_name
    from {{ ref('stg_salesforce__users') }}
),

journeys as (
    select journey_key
    from {{ ref('int_journeys__journeys') }}
    where scenario = 'in_force'
),

opportunity_scenarios as (
    select
        opportunity_scenario_key,
        journey_key,
        opportunity_id
    from {{ ref('int_positions__opportunity_scenarios') }}
    where journey_key in (select journey_key from journeys)
),

milestones as (
    select
        opportunity_scenario_key,
        last_touch_key
    from {{ ref('int_positions__opportunity_milestones') }}
),

-- Touches that count are those up to the last one, so their number is its place in the journey: no row per opportunity and
-- touch is needed.
numbered_touches as (
    select
        journey_key,
        touch_key,
        row_number() over (partition by journey_key order by touch_key) as touches
    from {{ ref('int_journeys__journey_touches') }}
    where journey_key in (select journey_key from opportunity_scenarios)
),

touch_counts as (
    select
        opportunity_scenarios.opportunity_id,
        numbered_touches.touches
    from opportunity_scenarios
    inner join milestones on opportunity_scenarios.opportunity_scenario_key = milestones.opportunity_scenario_key
    inner join numbered_touches
        on opportunity_scenarios.journey_key = numbered_touches.journey_key
        and milestones.last_touch_key = numbered_touches.touch_key
),

-- A call makes its touch a conversion, and every conversion that counts is a row of these positions.
conversions as (
    select
        opportunity_scenario_key,
        touch_key
    from {{ ref('int_positions__opportunity_touches') }}
    where position_name = 'Form'
),

touchpoints as (
    select
        touch_key,
        touchpoint_id
    from {{ ref('int_journeys__touches') }}
),

calls as (
    select
        touchpoint_id,
        called_at
    from {{ ref('int_touchpoints__verdicts') }}
    where is_counted
),

call_counts as (
    select
        opportunity_scenarios.opportunity_id,
        count(*) as calls,
        min(calls.called_at) as first_call_at
    from conversions
    inner join opportunity_scenarios
        on conversions.opportunity_scenario_key = opportunity_scenarios.opportunity_scenario_key
    inner join touchpoints on conversions.touch_key = touchpoints.touch_key
    inner join calls on touchpoints.touchpoint_id = calls.touchpoint_id
    group by opportunity_scenarios.opportunity_id
)

select
    opportunities.opportunity_id,
    opportunities.opportunity_name,
    opportunities.account_id,
    accounts.account_name,
    opportunities.owner_id,
    users.user_name as owner_name,
    opportunities.stage_name as stage,
    opportunities.created_at,
    opportunities.close_date,
    opportunities.is_closed,
    opportunities.is_won,
    {{ as_money('opportunities.amount_cents') }} as amount,
    opportunities.amount_source,
    cast(coalesce(touch_counts.touches, 0) as bigint) as touches,
    coalesce(call_counts.calls, 0) as calls,
    call_counts.first_call_at,
    {{ days_between_times('call_counts.first_call_at', 'opportunities.created_at') }} as days_from_first_call_to_creation,
    touch_counts.touches is not null as is_attributed
from opportunities
left join accounts on opportunities.account_id = accounts.account_id
left join users on opportunities.owner_id = users.user_id
left join touch_counts on opportunities.opportunity_id = touch_counts.opportunity_id
left join call_counts on opportunities.opportunity_id = call_counts.opportunity_id
