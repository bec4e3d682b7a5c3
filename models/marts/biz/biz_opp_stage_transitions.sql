{{ config(meta={'component_key': {'column': 'OPPORTUNITY_ID', 'kinds': ['Opportunity']}}) }}

with opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
),

credits as (
    select
        credits.opportunity_id,
        credits.account_id,
        credits.contact_id,
        credits.touchpoint_id,
        touches.touchpoint_date,
        {{ latest_of(['touches.modified_at', 'contact_versions.version_at', 'opportunity_versions.version_at']) }}
            as modified_at,
        coalesce(addresses.email, contacts.email) as email
    from {{ ref('fct_attribution_touchpoints') }} as credits
    inner join opportunities on credits.opportunity_id = opportunities.opportunity_id
    inner join {{ ref('fct_touchpoints') }} as touches on credits.touchpoint_id = touches.touchpoint_id
    left join {{ ref('stg_salesforce__contacts') }} as contacts on credits.contact_id = contacts.contact_id
    left join {{ ref('record_versions') }} as contact_versions on credits.contact_id = contact_versions.record_id
    left join {{ ref('record_versions') }} as opportunity_versions
        on credits.opportunity_id = opportunity_versions.record_id
    left join {{ ref('touch_emails') }} as addresses
        on credits.contact_id = addresses.record_id
        and credits.touchpoint_id = addresses.touchpoint_id
),

-- R7.2: the last touch of an open opportunity holds Closed as pending.
stage_positions as (
    select
        opportunity_scenarios.opportunity_id,
        touches.touchpoint_id,
        case positions.position_name when 'Pending' then 'Closed' else positions.position_name end as stage,
        positions.position_name = 'Pending' as is_pending
    from {{ ref('int_positions__opportunity_touches') }} as positions
    inner join {{ ref('int_positions__opportunity_scenarios') }} as opportunity_scenarios
        on positions.opportunity_scenario_key = opportunity_scenarios.opportunity_scenario_key
    inner join {{ ref('int_journeys__journeys') }} as journeys
        on opportunity_scenarios.journey_key = journeys.journey_key
    inner join {{ ref('int_journeys__touches') }} as touches on positions.touch_key = touches.touch_key
    where journeys.scenario = 'in_force'
        and positions.position_name <> 'Form'
),

entered as (
    select
        opportunity_scenarios.opportunity_id,
        stages.position_name as stage,
        stages.entered_at
    from {{ ref('int_positions__opportunity_stages') }} as stages
    inner join {{ ref('int_positions__opportunity_scenarios') }} as opportunity_scenarios
        on stages.opportunity_scenario_key = opportunity_scenarios.opportunity_scenario_key
    inner join {{ ref('int_journeys__journeys') }} as journeys
        on opportunity_scenarios.journey_key = journeys.journey_key
    where journeys.scenario = 'in_force'
    union all
    select
        opportunity_id,
        'OC',
        created_at
    from opportunities
    union all
    select
        opportunity_id,
        'Closed',
        cast(close_date as timestamp)
    from opportunities
    where is_closed
),

-- R19.1: the rows of the histories that show when a stage was entered.
history as (
    select
        opportunity_id as record_id,
        created_at as entered_at,
        max(_version_at) as version_at
    from {{ ref('stg_salesforce__opportunity_history') }}
    where not is_deleted
    group by opportunity_id, created_at
    union all
    select
        crm_records.record_id,
        lead_history.created_at,
        max(lead_history._version_at)
    from {{ ref('stg_salesforce__lead_history') }} as lead_history
    inner join {{ ref('int_identity__crm_records') }} as crm_records on lead_history.lead_id = crm_records.crm_id
    where lead_history.field = 'Status'
        and not lead_history.is_deleted
    group by crm_records.record_id, lead_history.created_at
),

transitions as (
    select
        credits.*,
        stage_positions.stage,
        coalesce(stage_positions.is_pending, false) as is_pending,
        coalesce(entered.entered_at, credits.touchpoint_date) as transition_date
    from credits
    left join stage_positions
        on credits.opportunity_id = stage_positions.opportunity_id
        and credits.touchpoint_id = stage_positions.touchpoint_id
    left join entered
        on stage_positions.opportunity_id = entered.opportunity_id
        and stage_positions.stage = entered.stage
)

select
    {{ biz_columns({
        'ID': "'ST_' || transitions.opportunity_id || '_' || coalesce(transitions.contact_id, '') || '_'
            || coalesce(transitions.stage, '') || '-1_BAT2_' || transitions.opportunity_id || '_'
            || coalesce(transitions.contact_id, '') || '_' || " ~ touch_source_id('transitions.touchpoint_id'),
        'ACCOUNT_ID': 'transitions.account_id',
        'OPPORTUNITY_ID': 'transitions.opportunity_id',
        'CONTACT_ID': 'transitions.contact_id',
        'EMAIL': 'transitions.email',
        'TOUCHPOINT_ID': "'BAT2_' || transitions.opportunity_id || '_' || coalesce(transitions.contact_id, '') || '_' || "
            ~ touch_source_id('transitions.touchpoint_id'),
        'TRANSITION_DATE': 'transitions.transition_date',
        'STAGE': 'transitions.stage',
        'STAGE_ID': stage_id('transitions.stage'),
        'RANK': 'stages.RANK',
        'INDEX': "case when transitions.stage is not null then '1' end",
        'LAST_INDEX': "case when transitions.stage is not null then '1' end",
        'IS_PENDING': 'transitions.is_pending',
        'IS_NON_TRANSITIONAL': 'transitions.stage is null',
        'PREVIOUS_STAGE_DATE': adjacent_stage('lag', 'transitions.opportunity_id'),
        'NEXT_STAGE_DATE': adjacent_stage('lead', 'transitions.opportunity_id'),
        'MODIFIED_DATE': 'coalesce('
            ~ latest_of(['transitions.modified_at', 'opportunity_history.version_at', 'lead_history.version_at'])
            ~ ', transitions.touchpoint_date)',
        'IS_DELETED': 'false',
    }) }}
from transitions
left join {{ ref('biz_stage_definitions') }} as stages on transitions.stage = stages.STAGE_NAME
left join history as opportunity_history
    on transitions.opportunity_id = opportunity_history.record_id
    and transitions.transition_date = opportunity_history.entered_at
    and not stages.IS_DEFAULT
left join history as lead_history
    on transitions.contact_id = lead_history.record_id
    and transitions.transition_date = lead_history.entered_at
    and not stages.IS_DEFAULT
