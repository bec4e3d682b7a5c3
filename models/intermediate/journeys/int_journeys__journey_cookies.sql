with scenarios as (
    select
        scenario_key,
        has_call_tracking
    from {{ ref('int_journeys__scenarios') }}
),

journeys as (
    select
        journey_key,
        scenario_key,
        buying_group_id,
        record_id
    from {{ ref('int_journeys__journeys') }}
),

buying_group_cookies as (
    select
        buying_group_id,
        cookie_key,
        is_known_without_calls
    from {{ ref('int_journeys__buying_group_cookies') }}
),

record_cookies as (
    select
        record_id,
        cookie_key,
        is_known_without_calls
    from {{ ref('int_journeys__record_cookies') }}
),

cookies as (
    select
        journeys.journey_key,
        journeys.scenario_key,
        buying_group_cookies.cookie_key,
        buying_group_cookies.is_known_without_calls
    from journeys
    inner join buying_group_cookies on journeys.buying_group_id = buying_group_cookies.buying_group_id
    union all
    select
        journeys.journey_key,
        journeys.scenario_key,
        record_cookies.cookie_key,
        record_cookies.is_known_without_calls
    from journeys
    inner join record_cookies on journeys.record_id = record_cookies.record_id
)

select
    cookies.journey_key,
    cookies.scenario_key,
    cookies.cookie_key
from cookies
inner join scenarios on cookies.scenario_key = scenarios.scenario_key
-- R9.4: without call tracking, calls do not identify visitors.
where scenarios.has_call_tracking
    or cookies.is_known_without_calls
