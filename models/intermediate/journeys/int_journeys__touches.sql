-- One row per touch of a known cookie: its sessions, and its tracked calls as they would stand alone (`is_touch` tells
-- whether they do). `touch_number` is the order of touches everywhere (touch date, then id, byte by byte): the first of a
-- set is its min(), the last its max(), "between" is < and >. It orders the touches of one build and is no stored key.
with cookies as (
    select * from {{ ref('int_journeys__known_cookies') }}
),

touchpoints as (
    select * from {{ ref('fct_touchpoints') }} where session_id is not null
),

later_forms as (
    select
        session_id,
        min(converted_at) as converted_at
    from {{ ref('int_touchpoints__conversions') }}
    where conversion_kind <> 'call'
        and conversion_number > 1
    group by session_id
),

touches as (
    select
        touchpoints.touchpoint_id,
        cast(null as string) as task_id,
        cookies.cookie_number,
        touchpoints.touchpoint_date,
        true as is_touch,
        touchpoints.is_conversion,
        touchpoints.crm_task_id is not null as is_made_by_call,
        touchpoints.form_submitted_at as first_form_at
    from touchpoints
    inner join cookies on touchpoints.cookie_id = cookies.cookie_id
    where touchpoints.crm_task_id is null
    union all
    select
        touchpoints.touchpoint_id,
        null,
        cookies.cookie_number,
        touchpoints.touchpoint_date,
        true,
        true,
        true,
        later_forms.converted_at
    from touchpoints
    inner join cookies on touchpoints.cookie_id = cookies.cookie_id
    left join later_forms on touchpoints.session_id = later_forms.session_id
    where touchpoints.crm_task_id is not null
    union all
    select
        'task-' || calls.task_id,
        calls.task_id,
        cookies.cookie_number,
        calls.called_at,
        calls.session_id is null,
        true,
        true,
        null
    from {{ ref('int_touchpoints__verdicts') }} as calls
    inner join cookies on calls.cookie_id = cookies.cookie_id
    where calls.is_tracked
)

select
    row_number() over (order by touchpoint_date, touchpoint_id) as touch_number,
    touchpoint_id,
    task_id,
    cookie_number,
    touchpoint_date,
    is_touch,
    is_conversion,
    is_made_by_call,
    first_form_at
from touches
