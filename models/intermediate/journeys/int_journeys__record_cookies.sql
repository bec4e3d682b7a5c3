-- One row per record and cookie of one of its persons: the record's touches are all sessions of these (R5.2, R5.3).
select
    addresses.record_id,
    known.cookie_number,
    max(case when cookies.is_known_without_calls then 1 else 0 end) = 1 as is_known_without_calls
from {{ ref('int_identity__emails') }} as addresses
inner join {{ ref('int_identity__cookies') }} as cookies on addresses.email = cookies.email
inner join {{ ref('int_journeys__known_cookies') }} as known on cookies.cookie_id = known.cookie_id
group by addresses.record_id, known.cookie_number
