{{ config(materialized='view') }}
-- One row per scenario, record and cookie of one of its persons. Scenarios other than `base` hold the Contacts of the
-- groups that they concern.
select
    'base' as scenario,
    record_id,
    cookie_number
from {{ ref('int_journeys__record_cookies') }}
union all
select distinct
    journeys.scenario,
    cookies.record_id,
    cookies.cookie_number
from {{ ref('int_journeys__scenarios') }} as journeys
inner join {{ ref('int_opportunities__contacts') }} as contacts on journeys.group_id = contacts.group_id
inner join {{ ref('int_journeys__record_cookies') }} as cookies on contacts.record_id = cookies.record_id
where journeys.scenario <> 'base'
    and (journeys.scenario <> 'no_calls' or cookies.is_known_without_calls)
