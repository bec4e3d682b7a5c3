{{ config(meta={'component_key': {'column': 'touchpoint_id', 'kinds': ['touchpoint']}}) }}

with cookies as (
    select
        email,
        cookie_id,
        known_by
    from {{ ref('int_identity__cookies') }}
),

known_cookies as (
    select
        cookie_id,
        cookie_key
    from {{ ref('int_journeys__known_cookies') }}
),

call_owners as (
    select
        task_id,
        email
    from {{ ref('int_identity__call_owners') }}
),

crm_touches as (
    select
        touchpoint_id,
        record_id
    from {{ ref('int_crm_touches__touches') }}
),

emails as (
    select
        record_id,
        email
    from {{ ref('int_identity__emails') }}
),

person_cookies as (
    select
        cookies.email,
        cookies.known_by,
        known_cookies.cookie_key
    from cookies
    inner join known_cookies on cookies.cookie_id = known_cookies.cookie_id
)

-- No CTE for the touches: DuckDB stores one with three readers.
select
    person_cookies.email,
    touches.touchpoint_id,
    touches.touchpoint_date,
    touches.is_conversion,
    person_cookies.known_by
from {{ ref('int_journeys__touches') }} as touches
inner join person_cookies on touches.cookie_key = person_cookies.cookie_key
where touches.is_touch
    and touches.task_id is null
union all
select
    person_cookies.email,
    touches.touchpoint_id,
    touches.touchpoint_date,
    touches.is_conversion,
    person_cookies.known_by
from {{ ref('int_journeys__touches') }} as touches
inner join call_owners on touches.task_id = call_owners.task_id
-- A call that names a person identifies its cookie as theirs, so the pair always exists.
inner join person_cookies
    on call_owners.email = person_cookies.email
    and touches.cookie_key = person_cookies.cookie_key
where touches.is_touch
union all
select
    emails.email,
    touches.touchpoint_id,
    touches.touchpoint_date,
    touches.is_conversion,
    'crm'
from {{ ref('int_journeys__touches') }} as touches
inner join crm_touches on touches.touchpoint_id = crm_touches.touchpoint_id
inner join emails on crm_touches.record_id = emails.record_id
where touches.is_touch
