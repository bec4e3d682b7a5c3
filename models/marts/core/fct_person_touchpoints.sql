-- One row per person and touch (R5.1, R5.3).
with touchpoints as (
    select * from {{ ref('int_touchpoints') }}
),

cookies as (
    select * from {{ ref('int_people__cookies') }}
)

select
    cookies.email,
    touchpoints.touchpoint_id,
    touchpoints.touchpoint_date,
    touchpoints.is_conversion,
    cookies.known_by
from touchpoints
inner join cookies on touchpoints.cookie_id = cookies.cookie_id
where touchpoints.session_id is not null
union all
select
    cookies.email,
    touchpoints.touchpoint_id,
    touchpoints.touchpoint_date,
    touchpoints.is_conversion,
    cookies.known_by
from touchpoints
inner join {{ ref('int_people__call_owners') }} as owners on touchpoints.crm_task_id = owners.task_id
-- Naming somebody makes the cookie his, so the pair is always there.
inner join cookies
    on owners.email = cookies.email
    and touchpoints.cookie_id = cookies.cookie_id
where touchpoints.session_id is null
