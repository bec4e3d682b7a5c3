with forms as (
    select
        form_id,
        session_id,
        submitted_at,
        is_chat
    from {{ ref('int_sessions__assigned_forms') }}
    where session_id is not null
        and is_conversion
),

calls as (
    select
        task_id,
        called_at
    from {{ ref('int_calls__tasks') }}
    where is_tracked_call
),

window_sessions as (
    select
        task_id,
        session_id
    from {{ ref('int_touchpoints__window_sessions') }}
),

duplicates as (
    select task_id
    from {{ ref('int_calls__duplicates') }}
),

conversions as (
    select
        session_id,
        case when is_chat then 'chat' else 'form' end as conversion_kind,
        case when is_chat then 2 else 1 end as kind_order,
        form_id as conversion_id,
        submitted_at as converted_at
    from forms
    union all
    select
        window_sessions.session_id,
        'call',
        3,
        calls.task_id,
        calls.called_at
    from calls
    inner join window_sessions on calls.task_id = window_sessions.task_id
    left join duplicates on calls.task_id = duplicates.task_id
    where duplicates.task_id is null
)

select
    session_id,
    conversion_kind,
    conversion_id,
    converted_at,
    row_number() over (partition by session_id order by converted_at, kind_order, conversion_id) as conversion_number
from conversions
