-- `touch_key` follows the touch order, so min() is the first touch of a set, and max() the last.
with cookies as (
    select
        cookie_id,
        owner_id,
        cookie_key
    from {{ ref('int_journeys__known_cookies') }}
),

sessions as (
    select
        session_id,
        cookie_id,
        started_at
    from {{ ref('int_sessions__keys') }}
),

conversions as (
    select
        session_id,
        conversion_kind,
        converted_at
    from {{ ref('int_touchpoints__conversions') }}
),

calls as (
    select
        task_id,
        cookie_id,
        session_id,
        called_at
    from {{ ref('int_touchpoints__verdicts') }}
    where is_counted
),

crm_touches as (
    select
        touchpoint_id,
        touchpoint_date,
        record_id
    from {{ ref('int_crm_touches__touches') }}
),

session_conversions as (
    select
        session_id,
        min(case when conversion_kind <> 'call' then converted_at end) as first_form_at
    from conversions
    group by session_id
),

touches as (
    select
        {{ session_touchpoint_id('sessions.session_id') }} as touchpoint_id,
        cast(null as string) as task_id,
        cookies.cookie_key,
        sessions.started_at as touchpoint_date,
        true as is_touch,
        session_conversions.session_id is not null as is_conversion,
        session_conversions.first_form_at
    from sessions
    inner join cookies on sessions.cookie_id = cookies.cookie_id
    left join session_conversions on sessions.session_id = session_conversions.session_id
    union all
    select
        {{ call_touchpoint_id('calls.task_id') }},
        calls.task_id,
        cookies.cookie_key,
        calls.called_at,
        calls.session_id is null,
        true,
        null
    from calls
    inner join cookies on calls.cookie_id = cookies.cookie_id
    union all
    -- A conversion by itself, like a session with a form.
    select
        crm_touches.touchpoint_id,
        null,
        cookies.cookie_key,
        crm_touches.touchpoint_date,
        true,
        true,
        crm_touches.touchpoint_date as first_form_at
    from crm_touches
    inner join cookies on crm_touches.record_id = cookies.owner_id
)

select
    row_number() over (order by touchpoint_date, touchpoint_id) as touch_key,
    touchpoint_id,
    task_id,
    cookie_key,
    touchpoint_date,
    is_touch,
    is_conversion,
    first_form_at
from touches
