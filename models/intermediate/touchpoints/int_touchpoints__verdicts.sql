with tasks as (
    select * from {{ ref('int_calls__tasks') }}
),

window_sessions as (
    select
        task_id,
        session_id,
        candidate_session_count
    from {{ ref('int_touchpoints__window_sessions') }}
),

nearest_sessions as (
    select
        task_id,
        nearest_session_id,
        seconds_to_nearest_session
    from {{ ref('int_touchpoints__nearest_sessions') }}
),

duplicates as (
    select
        task_id,
        duplicate_of_task_id
    from {{ ref('int_calls__duplicates') }}
),

first_calls as (
    select conversion_id as task_id
    from {{ ref('int_touchpoints__conversions') }}
    where conversion_kind = 'call'
        and conversion_number = 1
),

classified as (
    select
        tasks.*,
        window_sessions.session_id as window_session_id,
        coalesce(window_sessions.candidate_session_count, 0) as candidate_session_count,
        nearest_sessions.nearest_session_id,
        nearest_sessions.seconds_to_nearest_session,
        duplicates.duplicate_of_task_id,
        case
            when tasks.is_deleted then 'none_deleted'
            when tasks.cookie_id is null and not tasks.has_call_evidence then 'none_not_a_call'
            when tasks.cookie_id is null then 'none_without_bizible_id'
            when tasks.called_at is null then 'none_without_time'
            when duplicates.task_id is not null and window_sessions.task_id is not null then 'merged_duplicate'
            when duplicates.task_id is not null then 'separate_duplicate'
            when first_calls.task_id is not null then 'merged'
            when window_sessions.task_id is not null then 'merged_secondary'
            when nearest_sessions.nearest_session_id is null then 'separate_unknown_bizible_id'
            else 'separate_outside_window'
        end as verdict
    from tasks
    left join window_sessions on tasks.task_id = window_sessions.task_id
    left join nearest_sessions on tasks.task_id = nearest_sessions.task_id
    left join duplicates on tasks.task_id = duplicates.task_id
    left join first_calls on tasks.task_id = first_calls.task_id
)

select
    activity_object,
    task_id,
    verdict,
    is_deleted,
    cookie_id,
    is_bizible_id_wellformed,
    who_id,
    called_at,
    called_at_source,
    task_type,
    call_type,
    call_duration_seconds,
    case when verdict in ('merged', 'merged_secondary', 'merged_duplicate') then window_session_id end as session_id,
    case
        when verdict in ('merged', 'merged_secondary', 'merged_duplicate') then {{ session_touchpoint_id('window_session_id') }}
        when verdict in ('separate_unknown_bizible_id', 'separate_outside_window') then {{ call_touchpoint_id('task_id') }}
    end as touchpoint_id,
    nearest_session_id,
    seconds_to_nearest_session,
    candidate_session_count,
    duplicate_of_task_id,
    touchpoint_type,
    is_type_defaulted,
    touchpoint_medium,
    marketing_touch_type,
    verdict in ('merged', 'merged_secondary', 'separate_unknown_bizible_id', 'separate_outside_window') as is_counted,
    _version_at
from classified
