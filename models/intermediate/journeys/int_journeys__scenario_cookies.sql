-- One row per journey and cookie of its Contacts. Without call tracking a call makes nobody known.
select
    journeys.journey_number,
    journeys.scenario,
    journeys.anchor,
    journeys.window_number,
    cookies.cookie_number
from {{ ref('int_journeys__scenarios') }} as journeys
inner join {{ ref('int_journeys__group_cookies') }} as cookies on journeys.group_id = cookies.group_id
where journeys.scenario <> 'no_calls'
    or cookies.is_known_without_calls
