-- One row per record and tracked call that is the record's touch where the call stands alone (R5.3).
select distinct
    addresses.record_id,
    owners.task_id
from {{ ref('int_identity__call_owners') }} as owners
inner join {{ ref('int_identity__emails') }} as addresses on owners.email = addresses.email
