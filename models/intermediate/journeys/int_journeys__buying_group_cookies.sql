with contacts as (
    select
        buying_group_id,
        record_id
    from {{ ref('int_opportunities__contacts') }}
),

record_cookies as (
    select
        record_id,
        cookie_key,
        is_known_without_calls
    from {{ ref('int_journeys__record_cookies') }}
)

select
    contacts.buying_group_id,
    record_cookies.cookie_key,
    max(case when record_cookies.is_known_without_calls then 1 else 0 end) = 1 as is_known_without_calls
from contacts
inner join record_cookies on contacts.record_id = record_cookies.record_id
group by contacts.buying_group_id, record_cookies.cookie_key
