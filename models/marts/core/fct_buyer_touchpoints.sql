{{ config(meta={'component_key': {'column': 'coalesce(contact_id, lead_id)', 'kinds': ['Lead', 'Contact']}}) }}

with journeys as (
    select
        journey_key,
        record_id
    from {{ ref('int_journeys__journeys') }}
    where scenario = 'in_force'
        and record_id is not null
),

journey_touches as (
    select
        journey_key,
        touch_key
    from {{ ref('int_journeys__journey_touches') }}
    where is_conversion
),

all_milestones as (
    select
        journey_key,
        first_touch_key,
        lead_creation_key
    from {{ ref('int_positions__milestones') }}
),

stage_touches as (
    select
        journey_key,
        position_name,
        touch_key
    from {{ ref('int_positions__stage_touches') }}
),

position_names as (
    select
        position_name,
        position_order
    from {{ ref('int_opportunities__position_names') }}
),

records as (
    select
        record_id,
        email,
        lead_id,
        contact_id,
        account_id,
        created_at
    from {{ ref('int_identity__records') }}
),

touchpoints as (
    select
        touch_key,
        touchpoint_id
    from {{ ref('int_journeys__touches') }}
),

milestones as (
    select
        journeys.record_id,
        all_milestones.first_touch_key,
        all_milestones.lead_creation_key
    from journeys
    inner join all_milestones on journeys.journey_key = all_milestones.journey_key
),

conversions as (
    select
        journeys.record_id,
        journey_touches.touch_key
    from journeys
    inner join journey_touches on journeys.journey_key = journey_touches.journey_key
),

stages as (
    select
        journeys.record_id,
        stage_touches.touch_key,
        {{ ordered_listagg('stage_touches.position_name', ['position_names.position_order']) }} as stage_names
    from journeys
    inner join stage_touches on journeys.journey_key = stage_touches.journey_key
    inner join position_names on stage_touches.position_name = position_names.position_name
    group by journeys.record_id, stage_touches.touch_key
),

positions as (
    select
        record_id,
        first_touch_key as touch_key,
        'FT' as position_name
    from milestones
    union all
    select
        record_id,
        lead_creation_key,
        'LC'
    from milestones
    where lead_creation_key is not null
    union all
    select
        conversions.record_id,
        conversions.touch_key,
        'PostLC'
    from conversions
    inner join milestones
        on conversions.record_id = milestones.record_id
        and conversions.touch_key > milestones.lead_creation_key
    union all
    select
        record_id,
        touch_key,
        'Form'
    from conversions
    union all
    -- R7.4: a touch with a stage has a row even if it is a plain visit.
    select
        record_id,
        touch_key,
        'stage'
    from stages
),

touches as (
    select
        record_id,
        touch_key,
        max(case when position_name = 'FT' then 1 else 0 end) = 1 as is_first_touch,
        max(case when position_name = 'LC' then 1 else 0 end) = 1 as is_lead_creation_touch,
        max(case when position_name = 'PostLC' then 1 else 0 end) = 1 as is_post_lead_creation_touch,
        max(case when position_name = 'Form' then 1 else 0 end) = 1 as is_form_touch
    from positions
    group by record_id, touch_key
)

select
    touches.record_id || '-' || touchpoints.touchpoint_id as buyer_touchpoint_id,
    touchpoints.touchpoint_id,
    records.email,
    records.lead_id,
    records.contact_id,
    records.created_at as record_created_at,
    records.account_id,
    {{ printed_position({
        "'FT'": 'touches.is_first_touch',
        "'LC'": 'touches.is_lead_creation_touch',
        'stages.stage_names': 'stages.stage_names is not null',
        "'PostLC'": 'touches.is_post_lead_creation_touch',
        "'Form'": 'touches.is_form_touch',
    }) }} as touchpoint_position,
    touches.is_first_touch,
    touches.is_lead_creation_touch,
    touches.is_post_lead_creation_touch,
    touches.is_form_touch,
    cast(case when touches.is_first_touch then 1 else 0 end as decimal(18, 2)) as first_touch_count,
    cast(case when touches.is_lead_creation_touch then 1 else 0 end as decimal(18, 2)) as lead_creation_count,
    -- R6.3
    cast(
        case
            when touches.is_first_touch and (touches.is_lead_creation_touch or milestones.lead_creation_key is null) then 1
            when touches.is_first_touch or touches.is_lead_creation_touch then 0.5
            else 0
        end as decimal(18, 2)
    ) as u_shaped_count
from touches
inner join records on touches.record_id = records.record_id
inner join milestones on touches.record_id = milestones.record_id
inner join touchpoints on touches.touch_key = touchpoints.touch_key
left join stages
    on touches.record_id = stages.record_id
    and touches.touch_key = stages.touch_key
