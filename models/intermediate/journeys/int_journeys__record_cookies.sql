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
        owner_id,
        cookie_key
    from {{ ref('int_journeys__known_cookies') }}
),

person_cookies as (
    select
        cookies.email,
        known_cookies.cookie_key,
        cookies.is_known_without_calls
    from cookies
    inner join known_cookies on cookies.cookie_id = known_cookies.cookie_id
    union all
    -- R11.6, R12.4: a touch of the CRM belongs to the person of its record, also without call tracking.
    select
        emails.email,
        known_cookies.cookie_key,
        true
    from emails
    inner join known_cookies on emails.record_id = known_cookies.owner_id
)

select
    emails.record_id,
    person_cookies.cookie_key,
    max(case when person_cookies.is_known_without_calls then 1 else 0 end) = 1 as is_known_without_calls
from emails
inner join person_cookies on emails.email = person_cookies.email
group by emails.record_id, person_cookies.cookie_key
