{{ config(
    materialized='by_component' if target.type in ('duckdb', 'spark') else 'table',
    meta={'component_key': {'column': 'touchpoint_id', 'kinds': ['touchpoint']}}
) }}

with touches as (
    select * from {{ ref('int_journeys__touches') }} where is_touch
),

cookies as (
    select
        cookies.email,
        cookies.known_by,
        known.cookie_number
    from {{ ref('int_identity__cookies') }} as cookies
    inner join {{ ref('int_journeys__known_cookies') }} as known on cookies.cookie_id = known.cookie_id
)

select
    cookies.email,
    touches.touchpoint_id,
    touches.touchpoint_date,
    touches.is_conversion,
    cookies.known_by
from touches
inner join cookies on touches.cookie_number = cookies.cookie_number
where touches.task_id is null
union all
select
    cookies.email,
    touches.touchpoint_id,
    touches.touchpoint_date,
    touches.is_conversion,
    cookies.known_by
from touches
inner join {{ ref('int_identity__call_owners') }} as owners on touches.task_id = owners.task_id
-- Naming somebody makes the cookie his, so the pair is always there.
inner join cookies
    on owners.email = cookies.email
    and touches.cookie_number = cookies.cookie_number
