with journeys as (
    select
        journey_key,
        buying_group_id,
        is_full_path_only
    from {{ ref('int_journeys__journeys') }}
),

opportunities as (
    select
        opportunity_id,
        buying_group_id,
        created_at,
        closes_before,
        is_closed,
        is_won,
        amount_cents
    from {{ ref('int_opportunities__live') }}
)

select
    row_number() over (order by journeys.journey_key, opportunities.opportunity_id) as opportunity_scenario_key,
    journeys.journey_key,
    journeys.is_full_path_only,
    journeys.buying_group_id,
    opportunities.opportunity_id,
    opportunities.created_at,
    opportunities.closes_before,
    opportunities.is_closed,
    opportunities.is_won,
    opportunities.amount_cents
from journeys
inner join opportunities on journeys.buying_group_id = opportunities.buying_group_id
where opportunities.is_won
    or not journeys.is_full_path_only
