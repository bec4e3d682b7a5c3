{{ config(materialized='view') }}
-- One row per scenario, record and cookie of one of its persons. Scenarios other than `base` hold the Contacts of the
-- groups that they concern.
select
    'base' as scenario,
    record_id,
    cookie_id
from {{ ref('int_people__record_cookies') }}
union all
select distinct
    groups.scenario,
    cookies.record_id,
    cookies.cookie_id
from {{ ref('int_scenarios__groups') }} as groups
inner join {{ ref('int_opportunities__contacts') }} as contacts on groups.group_id = contacts.group_id
inner join {{ ref('int_people__record_cookies') }} as cookies on contacts.record_id = cookies.record_id
where groups.scenario <> 'without_calls'
    or cookies.is_known_without_calls
