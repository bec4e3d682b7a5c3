with emails as (
    select
        record_id,
        email
    from {{ ref('int_identity__emails') }}
),

cookies as (
    select
        email,
        cookie_id,
        is_known_without_calls
    from {{ ref('int_identity__cookies') }}
),

known_cookies as (
    select
        cookie_id,
        cookie_number
    from {{ ref('int_journeys__known_cookies') }}
)

select
    emails.record_id,
    known_cookies.cookie_number,
    max(case when cookies.is_known_without_calls then 1 else 0 end) = 1 as is_known_without_calls
from emails
inner join cookies on emails.email = cookies.email
inner join known_cookies on cookies.cookie_id = known_cookies.cookie_id
group by emails.record_id, known_cookies.cookie_number
