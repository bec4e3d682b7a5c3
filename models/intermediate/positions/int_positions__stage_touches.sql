with journeys as (
    select
        journey_number,
        record_id
    from {{ ref('int_journeys__journeys') }}
),

journey_touches as (
    select
        journey_number,
        touch_number,
        touchpoint_date
    from {{ ref('int_journeys__journey_touches') }}
),

stages as (
    select
        record_id,
        position_name,
        entered_at
    from {{ ref('int_opportunities__lead_stages') }}
)

select
    journeys.journey_number,
    journeys.record_id,
    stages.position_name,
    stages.entered_at,
    max(journey_touches.touch_number) as touch_number
from stages
inner join journeys on stages.record_id = journeys.record_id
inner join journey_touches
    on journeys.journey_number = journey_touches.journey_number
    and journey_touches.touchpoint_date <= stages.entered_at
group by journeys.journey_number, journeys.record_id, stages.position_name, stages.entered_at
