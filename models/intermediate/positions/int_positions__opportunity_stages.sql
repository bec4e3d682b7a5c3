with opportunity_scenarios as (
    select
        opportunity_scenario_key,
        journey_key,
        opportunity_id,
        buying_group_id,
        created_at,
        closes_before,
        is_won
    from {{ ref('int_positions__opportunity_scenarios') }}
),

milestones as (
    select
        opportunity_scenario_key,
        opportunity_creation_key,
        last_touch_key
    from {{ ref('int_positions__opportunity_milestones') }}
),

stages as (
    select
        position_name,
        object,
        stage_number
    from {{ ref('int_opportunities__stages') }}
    where is_tracked
),

stage_entries as (
    select
        object,
        crm_id,
        position_name,
        entered_at,
        ended_at
    from {{ ref('int_opportunities__stage_entries') }}
),

contacts as (
    select
        buying_group_id,
        record_id
    from {{ ref('int_opportunities__contacts') }}
),

crm_records as (
    select
        crm_id,
        record_id
    from {{ ref('int_identity__crm_records') }}
),

record_journeys as (
    select
        record_journeys.journey_key,
        record_journeys.record_journey_key,
        journeys.record_id
    from {{ ref('int_journeys__record_journeys') }} as record_journeys
    inner join {{ ref('int_journeys__journeys') }} as journeys
        on record_journeys.record_journey_key = journeys.journey_key
),

journey_touches as (
    select
        journey_key,
        touch_key,
        touchpoint_date
    from {{ ref('int_journeys__journey_touches') }}
),

-- R7.4 (3): the Leads of the opportunity's contacts, with their history up to the opportunity's creation. A contact without
-- touches has no journey, but its Lead has its stages.
lead_entries as (
    select
        opportunity_scenarios.opportunity_scenario_key,
        record_journeys.record_journey_key as journey_key,
        stage_entries.crm_id,
        stage_entries.position_name,
        stage_entries.entered_at,
        contacts.record_id,
        opportunity_scenarios.closes_before
    from stage_entries
    inner join crm_records on stage_entries.crm_id = crm_records.crm_id
    inner join contacts on crm_records.record_id = contacts.record_id
    inner join opportunity_scenarios
        on contacts.buying_group_id = opportunity_scenarios.buying_group_id
        and stage_entries.entered_at <= opportunity_scenarios.created_at
        and (stage_entries.ended_at > opportunity_scenarios.created_at or stage_entries.ended_at is null)
    left join record_journeys
        on opportunity_scenarios.journey_key = record_journeys.journey_key
        and contacts.record_id = record_journeys.record_id
    where stage_entries.object = 'Lead'
),

current_entries as (
    select
        opportunity_scenario_key,
        journey_key,
        crm_id,
        position_name,
        entered_at,
        record_id,
        closes_before
    from lead_entries
    union all
    select
        opportunity_scenarios.opportunity_scenario_key,
        opportunity_scenarios.journey_key,
        stage_entries.crm_id,
        stage_entries.position_name,
        stage_entries.entered_at,
        null,
        opportunity_scenarios.closes_before
    from stage_entries
    inner join opportunity_scenarios on stage_entries.crm_id = opportunity_scenarios.opportunity_id
    where stage_entries.object = 'Opportunity'
        and stage_entries.ended_at is null
),

-- Touches after the close do not count, so an entry after it looks for the last touch before it.
moments as (
    select
        opportunity_scenario_key,
        crm_id,
        position_name,
        journey_key,
        case when entered_at >= closes_before then closes_before else entered_at end as event_at,
        coalesce(entered_at < closes_before, true) as includes_touches
    from current_entries
    where journey_key is not null
),

last_touches as (
    {{ last_touches_before('moments', 'journey_touches', ['opportunity_scenario_key', 'crm_id', 'position_name'])
        | indent(4) }}
),

-- Of several Leads, the latest entry that has a touch counts, then the smallest record id.
ranked as (
    select
        current_entries.opportunity_scenario_key,
        current_entries.position_name,
        current_entries.entered_at,
        last_touches.touch_key,
        row_number() over (
            partition by current_entries.opportunity_scenario_key, current_entries.position_name
            order by
                case when last_touches.touch_key is null then 1 else 0 end,
                current_entries.entered_at desc,
                current_entries.record_id,
                current_entries.crm_id
        ) as entry_rank
    from current_entries
    left join last_touches
        on current_entries.opportunity_scenario_key = last_touches.opportunity_scenario_key
        and current_entries.crm_id = last_touches.crm_id
        and current_entries.position_name = last_touches.position_name
),

entered as (
    select
        opportunity_scenario_key,
        position_name,
        entered_at,
        touch_key
    from ranked
    where entry_rank = 1
),

scenario_stages as (
    select
        milestones.opportunity_scenario_key,
        stages.object,
        stages.position_name,
        milestones.opportunity_creation_key,
        case when opportunity_scenarios.is_won then milestones.last_touch_key end as won_touch_key,
        -- R7.4 (4): a skipped stage goes with the nearest later one.
        min(case when entered.position_name is not null then stages.stage_number end) over (
            partition by milestones.opportunity_scenario_key, stages.object order by stages.stage_number
            rows between current row and unbounded following
        ) as entered_stage_number
    from milestones
    inner join opportunity_scenarios
        on milestones.opportunity_scenario_key = opportunity_scenarios.opportunity_scenario_key
    cross join stages
    left join entered
        on milestones.opportunity_scenario_key = entered.opportunity_scenario_key
        and stages.position_name = entered.position_name
),

assigned_stages as (
    select
        scenario_stages.opportunity_scenario_key,
        scenario_stages.position_name,
        entered.entered_at,
        case
            when scenario_stages.entered_stage_number is not null then entered.touch_key
            {%- if variable('skipped_stages') == 'milestones' %}
            when scenario_stages.object = 'Lead' then scenario_stages.opportunity_creation_key
            else scenario_stages.won_touch_key
            {%- endif %}
        end as touch_key
    from scenario_stages
    left join stages as entered_stages
        on scenario_stages.object = entered_stages.object
        and scenario_stages.entered_stage_number = entered_stages.stage_number
    left join entered
        on scenario_stages.opportunity_scenario_key = entered.opportunity_scenario_key
        and entered_stages.position_name = entered.position_name
)

select
    opportunity_scenario_key,
    position_name,
    entered_at,
    touch_key
from assigned_stages
where touch_key is not null
