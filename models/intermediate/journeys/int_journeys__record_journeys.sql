with journeys as (
    select
        journey_key,
        scenario_key,
        buying_group_id,
        record_id
    from {{ ref('int_journeys__journeys') }}
),

contacts as (
    select
        buying_group_id,
        record_id
    from {{ ref('int_opportunities__contacts') }}
)

select
    buying_group_journeys.journey_key,
    record_journeys.journey_key as record_journey_key
from journeys as buying_group_journeys
inner join contacts on buying_group_journeys.buying_group_id = contacts.buying_group_id
inner join journeys as record_journeys
    on contacts.record_id = record_journeys.record_id
    and buying_group_journeys.scenario_key = record_journeys.scenario_key
