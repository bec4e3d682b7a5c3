-- One row per scenario, group and cookie of the group's Contacts. Without call tracking a call makes nobody known.
select
    groups.scenario,
    groups.group_id,
    cookies.cookie_id,
    groups.anchor,
    groups.window_number
from {{ ref('int_scenarios__groups') }} as groups
inner join {{ ref('int_opportunities__cookies') }} as cookies on groups.group_id = cookies.group_id
where groups.scenario <> 'without_calls'
    or cookies.is_known_without_calls
