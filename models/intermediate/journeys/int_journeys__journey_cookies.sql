with scenarios as (
    select
        scenario_number,
        has_call_tracking
    from {{ ref('int_journeys__scenarios') }}
),

journeys as (
    select
        journey_number,
        scenario_number,
        buying_group_id,
        record_id
    from {{ ref('int_journeys__journeys') }}
),

group_cookies as (
    select
        buying_group_id,
        cookie_number,
        is_known_without_calls
    from {{ ref('int_journeys__buying_group_cookies') }}
),

record_cookies as (
    select
        record_id,
        cookie_number,
        is_known_without_calls
    from {{ ref('int_journeys__record_cookies') }}
),

cookies as (
    select
        journeys.journey_number,
        journeys.scenario_number,
        group_cookies.cookie_number,
        group_cookies.is_known_without_calls
    from journeys
    inner join group_cookies on journeys.buying_group_id = group_cookies.buying_group_id
    union all
    select
        journeys.journey_number,
        journeys.scenario_number,
        record_cookies.cookie_number,
        record_cookies.is_known_without_calls
    from journeys
    inner join record_cookies on journeys.record_id = record_cookies.record_id
)

select
    cookies.journey_number,
    cookies.scenario_number,
    cookies.cookie_number
from cookies
inner join scenarios on cookies.scenario_number = scenarios.scenario_number
-- R9.4: without call tracking, calls do not identify visitors.
where scenarios.has_call_tracking
    or cookies.is_known_without_calls
