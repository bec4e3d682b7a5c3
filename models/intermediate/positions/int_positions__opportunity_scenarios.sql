-- One row per scenario and opportunity that is worked out in it, with a number to join by. Windows are asked for the
-- revenue of won opportunities only.
select
    row_number() over (order by journeys.scenario, opportunities.opportunity_id) as case_number,
    journeys.journey_number,
    journeys.scenario,
    opportunities.opportunity_id,
    opportunities.group_id,
    opportunities.created_at,
    opportunities.closes_before,
    opportunities.is_closed,
    opportunities.amount_cents
from {{ ref('int_journeys__scenarios') }} as journeys
inner join {{ ref('int_opportunities__live') }} as opportunities on journeys.group_id = opportunities.group_id
where journeys.scenario in ('base', 'no_calls')
    or opportunities.is_won
