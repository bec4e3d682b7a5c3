-- R1.8: ties go to the earlier session, then to the smallest id. Sorting starts and calls of a cookie together avoids a
-- range join.
{%- set before = '(partition by cookie_id order by event_at, is_call, session_id desc rows between unbounded preceding and current row)' -%}
{%- set after = '(partition by cookie_id order by event_at desc, is_call desc, session_id desc rows between unbounded preceding and current row)' %}

with calls as (
    select
        task_id,
        cookie_id,
        called_at
    from {{ ref('int_calls__tasks') }}
    where cookie_id is not null
        and called_at is not null
),

events as (
    select
        cookie_id,
        started_at as event_at,
        0 as is_call,
        session_id,
        started_at,
        cast(null as string) as task_id
    from {{ ref('int_sessions__keys') }}
    where cookie_id in (select cookie_id from calls)
    union all
    select
        cookie_id,
        called_at,
        1,
        null,
        null,
        task_id
    from calls
),

-- `before` covers starts at or before the call, and `after` later ones; the sort puts the smallest id next to the call.
neighbours as (
    select
        task_id,
        event_at as called_at,
        {{ last_non_null('session_id', before) }} as session_before,
        {{ last_non_null('started_at', before) }} as started_before,
        {{ last_non_null('session_id', after) }} as session_after,
        {{ last_non_null('started_at', after) }} as started_after
    from events
),

measured as (
    select
        task_id,
        session_before,
        session_after,
        {{ seconds_between('started_before', 'called_at') }} as seconds_before,
        {{ seconds_between('started_after', 'called_at') }} as seconds_after
    from neighbours
    where task_id is not null
)

select
    task_id,
    case when seconds_after is null or seconds_before <= -seconds_after then session_before else session_after end
        as nearest_session_id,
    case when seconds_after is null or seconds_before <= -seconds_after then seconds_before else seconds_after end
        as seconds_to_nearest_session
from measured
where session_before is not null
    or session_after is not null
