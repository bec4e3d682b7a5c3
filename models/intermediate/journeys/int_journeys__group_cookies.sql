-- One row per group and cookie of its Contacts: the sessions of the group's journey.
select
    contacts.group_id,
    cookies.cookie_number,
    max(case when cookies.is_known_without_calls then 1 else 0 end) = 1 as is_known_without_calls
from {{ ref('int_opportunities__contacts') }} as contacts
inner join {{ ref('int_journeys__record_cookies') }} as cookies on contacts.record_id = cookies.record_id
group by contacts.group_id, cookies.cookie_number
