{{ config(meta={'dagster': {'ref': {'name': 'int_identity__cookies'}}}) }}

-- R5.1: a cookie and a person are a pair once, a touch has one cookie.
select
    email,
    cookie_id
from {{ ref('int_identity__cookies') }}
group by email, cookie_id
having count(*) > 1
union all
select
    email,
    task_id
from {{ ref('int_identity__call_owners') }}
group by email, task_id
having count(*) > 1
