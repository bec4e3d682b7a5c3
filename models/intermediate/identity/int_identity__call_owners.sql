with named_calls as (
    select
        task_id,
        email
    from {{ ref('int_identity__named_calls') }}
),

calls as (
    select
        task_id,
        cookie_id
    from {{ ref('int_touchpoints__verdicts') }}
    where is_counted
),

cookies as (
    select
        email,
        cookie_id
    from {{ ref('int_identity__cookies') }}
)

select
    task_id,
    email
from named_calls
union all
select
    calls.task_id,
    cookies.email
from calls
inner join cookies on calls.cookie_id = cookies.cookie_id
where calls.task_id not in (select task_id from named_calls)
