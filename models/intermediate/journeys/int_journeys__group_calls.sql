-- One row per group and tracked call that is a touch of one of its Contacts where the call stands alone.
select distinct
    contacts.group_id,
    calls.task_id
from {{ ref('int_opportunities__contacts') }} as contacts
inner join {{ ref('int_journeys__record_calls') }} as calls on contacts.record_id = calls.record_id
