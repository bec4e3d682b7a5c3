with journeys as (
    select
        journey_key,
        record_id
    from {{ ref('int_journeys__journeys') }}
),

journey_touches as (
    select
        journey_key,
        touch_key,
        touchpoint_date
    from {{ ref('int_journeys__journey_touches') }}
),

stages as (
    select
        position_name,
        stage_number
    from {{ ref('int_opportunities__stages') }}
    where object = 'Lead'
        and is_tracked
),

-- R7.4 (3): of several Leads that became one Contact, the latest entry counts.
entered as (
    select
        crm_records.record_id,
        entries.stage_number,
        max(entries.entered_at) as entered_at
    from {{ ref('int_opportunities__stage_entries') }} as entries
    inner join {{ ref('int_identity__crm_records') }} as crm_records on entries.crm_id = crm_records.crm_id
    where entries.object = 'Lead'
        and entries.ended_at is null
    group by crm_records.record_id, entries.stage_number
),

-- R7.4 (4): a skipped stage goes with the nearest later one.
reached as (
    select
        entered.record_id,
        stages.position_name,
        entered.entered_at,
        row_number() over (
            partition by entered.record_id, stages.position_name order by entered.stage_number
        ) as stage_rank
    from stages
    inner join entered on stages.stage_number <= entered.stage_number
)

select
    journeys.journey_key,
    journeys.record_id,
    reached.position_name,
    reached.entered_at,
    max(journey_touches.touch_key) as touch_key
from reached
inner join journeys on reached.record_id = journeys.record_id
inner join journey_touches
    on journeys.journey_key = journey_touches.journey_key
    and journey_touches.touchpoint_date <= reached.entered_at
where reached.stage_rank = 1
group by journeys.journey_key, journeys.record_id, reached.position_name, reached.entered_at
