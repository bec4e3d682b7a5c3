{{ config(
    materialized='by_component' if target.type in ('duckdb', 'spark') else 'table',
    meta={'component_key': {'column': 'coalesce(contact_id, lead_id)', 'kinds': ['Lead', 'Contact']}}
) }}

with records as (
    select * from {{ ref('int_identity__records') }}
),

milestones as (
    select * from {{ ref('int_positions__milestones') }} where scenario = 'base'
),

conversions as (
    select
        record_id,
        touch_number
    from {{ ref('int_positions__record_touches') }}
    where scenario = 'base'
        and is_conversion
),

stages as (
    select
        stages.record_id,
        stages.touch_number,
        {{ joined_text('stages.position_name', ['positions.position_order']) }} as stage_names
    from {{ ref('int_positions__stage_touches') }} as stages
    inner join {{ ref('int_opportunities__position_names') }} as positions on stages.position_name = positions.position_name
    where stages.scenario = 'base'
    group by stages.record_id, stages.touch_number
),

held as (
    select
        record_id,
        first_touch as touch_number,
        'FT' as position_name
    from milestones
    union all
    select
        record_id,
        lead_creation,
        'LC'
    from milestones
    where lead_creation is not null
    union all
    select
        conversions.record_id,
        conversions.touch_number,
        'PostLC'
    from conversions
    inner join milestones
        on conversions.record_id = milestones.record_id
        and conversions.touch_number > milestones.lead_creation
    union all
    select
        record_id,
        touch_number,
        'Form'
    from conversions
    union all
    -- A touch of a stage has a row even when it is a plain visit.
    select
        record_id,
        touch_number,
        'stage'
    from stages
),

touches as (
    select
        record_id,
        touch_number,
        {%- for flag, name in {'is_first_touch': 'FT', 'is_lead_creation_touch': 'LC',
            'is_post_lead_creation_touch': 'PostLC', 'is_form_touch': 'Form'}.items() %}
        max(case when position_name = '{{ name }}' then 1 else 0 end) = 1 as {{ flag }}{{ ',' if not loop.last }}
        {%- endfor %}
    from held
    group by record_id, touch_number
)

select
    touches.record_id || '-' || touchpoints.touchpoint_id as buyer_touchpoint_id,
    touchpoints.touchpoint_id,
    records.email,
    records.lead_id,
    records.contact_id,
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
            when touches.is_first_touch and (touches.is_lead_creation_touch or milestones.lead_creation is null) then 1
            when touches.is_first_touch or touches.is_lead_creation_touch then 0.5
            else 0
        end as decimal(18, 2)
    ) as u_shaped_count
from touches
inner join records on touches.record_id = records.record_id
inner join milestones on touches.record_id = milestones.record_id
inner join {{ ref('int_journeys__touches') }} as touchpoints on touches.touch_number = touchpoints.touch_number
left join stages
    on touches.record_id = stages.record_id
    and touches.touch_number = stages.touch_number
