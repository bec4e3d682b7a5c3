-- One row per tracked call that another Task stands for (R1.12): the earliest, then the smallest id, stands.
-- Empty with variable dedupe_calls off.
with calls as (
    select
        task_id,
        call_object,
        first_value(task_id) over (partition by call_object order by called_at, task_id) as standing_task_id
    from {{ ref('int_calls__tasks') }}
    where is_tracked_call
        and call_object is not null
        and {{ var('dedupe_calls') }}
)

select
    task_id,
    standing_task_id as duplicate_of_task_id
from calls
where task_id <> standing_task_id
