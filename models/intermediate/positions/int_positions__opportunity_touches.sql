-- One row per case (opportunity and scenario), touch and position that the touch holds (R7.2, R7.4); `Form` stands for
-- every conversion. Visits without a position have no row: an account with 50,000 touches and 1,000 opportunities would
-- make 50 million of them.
{%- set after_all = 9000000000000000000 %}

with cases as (
    select * from {{ ref('int_positions__opportunity_scenarios') }}
),

touches as (
    select * from {{ ref('int_journeys__all_touches') }}
),

journey_touches as (
    select
        cookies.journey_number,
        touches.touch_number,
        touches.touchpoint_date,
        touches.is_conversion,
        touches.is_made_by_call
    from touches
    inner join {{ ref('int_journeys__scenario_cookies') }} as cookies
        on touches.cookie_number = cookies.cookie_number
        and touches.scenario = cookies.scenario
    where touches.task_id is null
    union all
    select
        journeys.journey_number,
        touches.touch_number,
        touches.touchpoint_date,
        touches.is_conversion,
        touches.is_made_by_call
    from touches
    inner join {{ ref('int_journeys__group_calls') }} as calls on touches.task_id = calls.task_id
    inner join {{ ref('int_journeys__scenarios') }} as journeys
        on calls.group_id = journeys.group_id
        and touches.scenario = journeys.scenario
),

-- What every opportunity of the group shares (R7.3).
first_and_last as (
    select
        journey_number,
        min(touch_number) as first_touch,
        max(touch_number) as last_touch
    from journey_touches
    group by journey_number
),

lead_creations as (
    select
        journeys.journey_number,
        min(milestones.lead_creation) as lead_creation
    from {{ ref('int_journeys__scenarios') }} as journeys
    inner join {{ ref('int_opportunities__contacts') }} as contacts on journeys.group_id = contacts.group_id
    inner join {{ ref('int_positions__milestones') }} as milestones
        on contacts.record_id = milestones.record_id
        and journeys.scenario = milestones.scenario
    group by journeys.journey_number
),

-- Moments that ask for the last touch before them. A touch at the moment itself is the last one at or before a creation
-- or a stage, and the first one too late for a close.
moments as (
    select
        journey_number,
        case_number,
        'Closed' as position_name,
        closes_before as event_at,
        0 as event_order
    from cases
    where closes_before is not null
    union all
    select
        journey_number,
        case_number,
        'OC',
        created_at,
        {{ after_all }}
    from cases
    where created_at is not null
    union all
    select
        cases.journey_number,
        cases.case_number,
        stages.position_name,
        stages.entered_at,
        {{ after_all }}
    from cases
    inner join {{ ref('int_opportunities__stages') }} as stages on cases.opportunity_id = stages.opportunity_id
),

timeline as (
    select
        journey_number,
        touchpoint_date as event_at,
        touch_number as event_order,
        touch_number,
        cast(null as bigint) as case_number,
        cast(null as string) as position_name
    from journey_touches
    union all
    select
        journey_number,
        event_at,
        event_order,
        null,
        case_number,
        position_name
    from moments
),

looked_up as (
    select
        case_number,
        position_name,
        max(touch_number) over (
            partition by journey_number order by event_at, event_order
            rows between unbounded preceding and current row
        ) as touch_number
    from timeline
),

asked as (
    select
        case_number,
        position_name,
        touch_number
    from looked_up
    where case_number is not null
        and touch_number is not null
),

-- The last touch that counts: up to the close, or so far.
bounded as (
    select
        cases.case_number,
        cases.opportunity_id,
        cases.scenario,
        cases.group_id,
        cases.created_at,
        first_and_last.first_touch,
        lead_creations.lead_creation,
        case when cases.is_closed then 'Closed' else 'Pending' end as last_position_name,
        case when cases.closes_before is null then first_and_last.last_touch else closing.touch_number end as last_touch
    from cases
    inner join first_and_last on cases.journey_number = first_and_last.journey_number
    left join lead_creations on cases.journey_number = lead_creations.journey_number
    left join asked as closing
        on cases.case_number = closing.case_number
        and closing.position_name = 'Closed'
),

conversions as (
    select
        cases.case_number,
        journey_touches.touch_number,
        journey_touches.is_made_by_call
    from journey_touches
    inner join cases
        on journey_touches.journey_number = cases.journey_number
        and (cases.closes_before is null or journey_touches.touchpoint_date < cases.closes_before)
    where journey_touches.is_conversion
),

-- R7.4: a Lead's stage comes with its Contact, up to the opportunity's creation; of several Leads the last one stands.
lead_stages as (
    select
        bounded.case_number,
        stages.touch_number,
        stages.position_name,
        row_number() over (
            partition by bounded.case_number, stages.position_name order by stages.entered_at desc, stages.record_id
        ) as choice
    from bounded
    inner join {{ ref('int_opportunities__contacts') }} as contacts on bounded.group_id = contacts.group_id
    inner join {{ ref('int_positions__stage_touches') }} as stages
        on bounded.scenario = stages.scenario
        and contacts.record_id = stages.record_id
        and stages.entered_at <= bounded.created_at
        and stages.touch_number <= bounded.last_touch
)

select
    case_number,
    first_touch as touch_number,
    'FT' as position_name,
    false as is_made_by_call
from bounded
where first_touch <= last_touch
union all
select
    case_number,
    lead_creation,
    'LC',
    false
from bounded
where lead_creation <= last_touch
union all
select
    case_number,
    last_touch,
    last_position_name,
    false
from bounded
where last_touch is not null
union all
-- An opportunity can be made, or enter a stage, after its close: touches after the close do not count.
select
    asked.case_number,
    case when asked.touch_number > bounded.last_touch then bounded.last_touch else asked.touch_number end,
    asked.position_name,
    false
from asked
inner join bounded on asked.case_number = bounded.case_number
where asked.position_name <> 'Closed'
    and bounded.last_touch is not null
union all
select
    case_number,
    touch_number,
    position_name,
    false
from lead_stages
where choice = 1
union all
select
    case_number,
    touch_number,
    'Form',
    is_made_by_call
from conversions
