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
        touchpoint_date,
        is_conversion
    from {{ ref('int_journeys__journey_touches') }}
),

records as (
    select
        record_id,
        created_at
    from {{ ref('int_identity__records') }}
)

select
    journey_touches.journey_key,
    min(journey_touches.touch_key) as first_touch_key,
    coalesce(
        min(case when journey_touches.is_conversion then journey_touches.touch_key end),
        max(case when journey_touches.touchpoint_date <= records.created_at then journey_touches.touch_key end)
    ) as lead_creation_key
from journey_touches
inner join journeys on journey_touches.journey_key = journeys.journey_key
inner join records on journeys.record_id = records.record_id
group by journey_touches.journey_key
