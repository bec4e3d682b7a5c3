{{ config(meta={'component_key': {'column': 'coalesce(CONTACT_ID, LEAD_ID)', 'kinds': ['Lead', 'Contact']}}) }}

with buyers as (
    select
        coalesce(buyers.contact_id, buyers.lead_id) as record_id,
        buyers.lead_id,
        buyers.contact_id,
        buyers.touchpoint_id,
        buyers.touchpoint_position,
        buyers.is_first_touch,
        buyers.is_lead_creation_touch,
        touches.touchpoint_date,
        {{ latest_of(['touches.modified_at', 'versions.version_at']) }} as modified_at,
        coalesce(addresses.email, buyers.email) as email
    from {{ ref('fct_buyer_touchpoints') }} as buyers
    inner join {{ ref('int_identity__records') }} as records
        on coalesce(buyers.contact_id, buyers.lead_id) = records.record_id
    inner join {{ ref('fct_touchpoints') }} as touches on buyers.touchpoint_id = touches.touchpoint_id
    left join {{ ref('record_versions') }} as versions
        on coalesce(buyers.contact_id, buyers.lead_id) = versions.record_id
    left join {{ ref('touch_emails') }} as addresses
        on coalesce(buyers.contact_id, buyers.lead_id) = addresses.record_id
        and buyers.touchpoint_id = addresses.touchpoint_id
),

stage_positions as (
    select
        record_id,
        touchpoint_id,
        'FT' as stage,
        touchpoint_date as transition_date
    from buyers
    where is_first_touch
    union all
    select
        record_id,
        touchpoint_id,
        'LC',
        touchpoint_date
    from buyers
    where is_lead_creation_touch
    union all
    select
        stages.record_id,
        touches.touchpoint_id,
        stages.position_name,
        stages.entered_at
    from {{ ref('int_positions__stage_touches') }} as stages
    inner join {{ ref('int_journeys__touches') }} as touches on stages.touch_key = touches.touch_key
    inner join {{ ref('int_journeys__journeys') }} as journeys on stages.journey_key = journeys.journey_key
    where journeys.scenario = 'in_force'
),

-- R19.1: the rows of the history that show when a stage was entered.
history as (
    select
        crm_records.record_id,
        lead_history.created_at as entered_at,
        max(lead_history._version_at) as version_at
    from {{ ref('stg_salesforce__lead_history') }} as lead_history
    inner join {{ ref('int_identity__crm_records') }} as crm_records on lead_history.lead_id = crm_records.crm_id
    where lead_history.field = 'Status'
        and not lead_history.is_deleted
    group by crm_records.record_id, lead_history.created_at
),

transitions as (
    select
        buyers.*,
        stage_positions.stage,
        coalesce(stage_positions.transition_date, buyers.touchpoint_date) as transition_date
    from buyers
    left join stage_positions
        on buyers.record_id = stage_positions.record_id
        and buyers.touchpoint_id = stage_positions.touchpoint_id
)

select
    {{ biz_columns({
        'ID': "'ST_' || transitions.record_id || '__' || coalesce(transitions.stage, '') || '-1_TP2_Person_'
            || transitions.record_id || '_' || " ~ touch_source_id('transitions.touchpoint_id'),
        'EMAIL': 'transitions.email',
        'LEAD_ID': 'transitions.lead_id',
        'CONTACT_ID': 'transitions.contact_id',
        'TOUCHPOINT_ID': "'TP2_Person_' || transitions.record_id || '_' || " ~ touch_source_id('transitions.touchpoint_id'),
        'TRANSITION_DATE': 'transitions.transition_date',
        'STAGE_ID': stage_id('transitions.stage'),
        'STAGE': 'transitions.stage',
        'RANK': 'stages.RANK',
        'INDEX': "case when transitions.stage is not null then '1' end",
        'LAST_INDEX': "case when transitions.stage is not null then '1' end",
        'IS_PENDING': 'false',
        'IS_NON_TRANSITIONAL': 'transitions.stage is null',
        'PREVIOUS_STAGE_DATE': adjacent_stage('lag', 'transitions.record_id'),
        'NEXT_STAGE_DATE': adjacent_stage('lead', 'transitions.record_id'),
        'MODIFIED_DATE': 'coalesce(' ~ latest_of(['transitions.modified_at', 'history.version_at'])
            ~ ', transitions.touchpoint_date)',
        'IS_DELETED': 'false',
    }) }}
from transitions
left join {{ ref('biz_stage_definitions') }} as stages on transitions.stage = stages.STAGE_NAME
left join history
    on transitions.record_id = history.record_id
    and transitions.transition_date = history.entered_at
    and not stages.IS_DEFAULT
