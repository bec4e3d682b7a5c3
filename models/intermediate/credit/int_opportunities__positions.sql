-- One row per scenario, opportunity, touch and position that the touch holds on it (R7.2, R7.4); `Form` stands for every
-- conversion. Visits without a position have no row: an account with 50,000 touches and 1,000 opportunities would
-- make 50 million of them.
{%- set so_far = 'partition by scenario, group_id order by event_at, is_event, touch_order, opportunity_id, position_name rows between unbounded preceding and current row' %}

with opportunities as (
    select
        'base' as scenario,
        opportunity_id,
        group_id,
        created_at,
        is_closed,
        closes_before
    from {{ ref('int_opportunities') }}
    where group_id is not null
    union all
    select
        groups.scenario,
        opportunities.opportunity_id,
        opportunities.group_id,
        opportunities.created_at,
        opportunities.is_closed,
        opportunities.closes_before
    from {{ ref('int_scenarios__groups') }} as groups
    inner join {{ ref('int_opportunities') }} as opportunities on groups.group_id = opportunities.group_id
    -- Windows are asked for the revenue of won opportunities only.
    where groups.scenario = 'without_calls'
        or opportunities.is_won
),

touches as (
    select * from {{ ref('int_scenarios__all_touches') }}
),

group_cookies as (
    select
        'base' as scenario,
        group_id,
        cookie_id
    from {{ ref('int_opportunities__cookies') }}
    union all
    select
        scenario,
        group_id,
        cookie_id
    from {{ ref('int_scenarios__cookies') }}
),

group_calls as (
    select
        'base' as scenario,
        group_id,
        task_id
    from {{ ref('int_opportunities__calls') }}
    union all
    select
        groups.scenario,
        groups.group_id,
        calls.task_id
    from {{ ref('int_scenarios__groups') }} as groups
    inner join {{ ref('int_opportunities__calls') }} as calls on groups.group_id = calls.group_id
    where groups.scenario <> 'without_calls'
),

group_touches as (
    select
        touches.scenario,
        group_cookies.group_id,
        touches.touchpoint_date,
        {{ touch_order('touches.touchpoint_date', 'touches.touchpoint_id') }} as touch_order,
        touches.is_conversion,
        touches.is_made_by_call
    from touches
    inner join group_cookies
        on touches.cookie_id = group_cookies.cookie_id
        and touches.scenario = group_cookies.scenario
    where touches.session_id is not null
    union all
    select
        touches.scenario,
        group_calls.group_id,
        touches.touchpoint_date,
        {{ touch_order('touches.touchpoint_date', 'touches.touchpoint_id') }},
        touches.is_conversion,
        touches.is_made_by_call
    from touches
    inner join group_calls
        on touches.separate_task_id = group_calls.task_id
        and touches.scenario = group_calls.scenario
),

-- What every opportunity of the group shares (R7.3).
group_milestones as (
    select
        scenario,
        group_id,
        min(touch_order) as first_touch,
        max(touch_order) as last_touch
    from group_touches
    group by scenario, group_id
),

group_creations as (
    select
        milestones.scenario,
        contacts.group_id,
        min(milestones.lead_creation) as lead_creation
    from {{ ref('int_opportunities__contacts') }} as contacts
    inner join {{ ref('int_people__milestones') }} as milestones on contacts.record_id = milestones.record_id
    group by milestones.scenario, contacts.group_id
),

bounded as (
    select
        opportunities.*,
        milestones.first_touch,
        milestones.last_touch,
        creations.lead_creation,
        -- Sorts after every touch that counts and before every other one.
        {{ touch_order('opportunities.closes_before', "''") }} as closes_order
    from opportunities
    inner join group_milestones as milestones
        on opportunities.scenario = milestones.scenario
        and opportunities.group_id = milestones.group_id
    left join group_creations as creations
        on opportunities.scenario = creations.scenario
        and opportunities.group_id = creations.group_id
),

-- Moments that ask for the last touch at or before them.
moments as (
    select
        scenario,
        group_id,
        opportunity_id,
        closes_before,
        'OC' as position_name,
        created_at as event_at
    from bounded
    where created_at is not null
    union all
    select
        scenario,
        group_id,
        opportunity_id,
        closes_before,
        'Closed',
        closes_before
    from bounded
    where closes_before is not null
    union all
    select
        bounded.scenario,
        bounded.group_id,
        bounded.opportunity_id,
        bounded.closes_before,
        stages.position_name,
        stages.entered_at
    from bounded
    inner join {{ ref('int_opportunities__stages') }} as stages on bounded.opportunity_id = stages.opportunity_id
),

timeline as (
    select
        scenario,
        group_id,
        cast(null as varchar) as opportunity_id,
        cast(null as varchar) as position_name,
        touchpoint_date as event_at,
        0 as is_event,
        touch_order
    from group_touches
    union all
    select
        scenario,
        group_id,
        opportunity_id,
        position_name,
        -- A touch at the very moment of the close comes after it, one at another moment belongs to it.
        case when closes_before <= event_at then closes_before else event_at end,
        case when closes_before <= event_at then -1 else 1 end,
        null
    from moments
),

looked_up as (
    select
        scenario,
        opportunity_id,
        position_name,
        max(touch_order) over ({{ so_far }}) as touch_order
    from timeline
),

conversions as (
    select
        opportunities.scenario,
        opportunities.opportunity_id,
        group_touches.touch_order,
        group_touches.is_made_by_call
    from group_touches
    inner join opportunities
        on group_touches.scenario = opportunities.scenario
        and group_touches.group_id = opportunities.group_id
        and (opportunities.closes_before is null or group_touches.touchpoint_date < opportunities.closes_before)
    where group_touches.is_conversion
),

-- R7.4: a Lead's stage comes with its Contact, up to the opportunity's creation; of several Leads the last one stands.
lead_stages as (
    select
        bounded.scenario,
        bounded.opportunity_id,
        stages.touch_order,
        stages.position_name,
        row_number() over (
            partition by bounded.scenario, bounded.opportunity_id, stages.position_name
            order by stages.entered_at desc, stages.record_id
        ) as choice
    from bounded
    inner join {{ ref('int_opportunities__contacts') }} as contacts on bounded.group_id = contacts.group_id
    inner join {{ ref('int_people__stage_touches') }} as stages
        on bounded.scenario = stages.scenario
        and contacts.record_id = stages.record_id
        and stages.entered_at <= bounded.created_at
        and (bounded.closes_order is null or stages.touch_order < bounded.closes_order)
)

select
    scenario,
    opportunity_id,
    first_touch as touch_order,
    'FT' as position_name,
    false as is_made_by_call
from bounded
where closes_order is null
    or first_touch < closes_order
union all
select
    scenario,
    opportunity_id,
    lead_creation,
    'LC',
    false
from bounded
where lead_creation is not null
    and (closes_order is null or lead_creation < closes_order)
union all
select
    scenario,
    opportunity_id,
    touch_order,
    position_name,
    false
from looked_up
where opportunity_id is not null
    and touch_order is not null
union all
select
    scenario,
    opportunity_id,
    last_touch,
    case when is_closed then 'Closed' else 'Pending' end,
    false
from bounded
where closes_before is null
union all
select
    scenario,
    opportunity_id,
    touch_order,
    position_name,
    false
from lead_stages
where choice = 1
union all
select
    scenario,
    opportunity_id,
    touch_order,
    'Form',
    is_made_by_call
from conversions
