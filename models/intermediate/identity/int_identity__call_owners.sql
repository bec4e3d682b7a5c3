-- One row per tracked call and person to whom it belongs where it stands alone (R5.3): whom its Task names; if that is
-- nobody with an address, everyone of its cookie.
with named as (
    select
        task_id,
        email
    from {{ ref('int_identity__named_calls') }}
)

select
    task_id,
    email
from named
union all
select
    calls.task_id,
    cookies.email
from {{ ref('int_touchpoints__verdicts') }} as calls
inner join {{ ref('int_identity__cookies') }} as cookies on calls.cookie_id = cookies.cookie_id
where calls.is_tracked
    and calls.task_id not in (select task_id from named)
