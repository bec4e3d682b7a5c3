{{ config(meta={'dagster': {'ref': {'name': 'int_calls__duplicates'}}}) }}

-- R1.12: a canonical Task is an earlier tracked call and is itself counted. Otherwise a call would count twice or never, so
-- this blocks. Task ids are not personal data, so the message has them: a number of rows would not help.
with

duplicates as (
    select * from {{ ref('int_calls__duplicates') }}
),

tasks as (
    select * from {{ ref('int_calls__tasks') }}
),

wrong as (
    select
        duplicates.task_id,
        duplicates.duplicate_of_task_id,
        row_number() over (order by duplicates.task_id) as number
    from duplicates
    left join duplicates as chained on duplicates.duplicate_of_task_id = chained.task_id
    left join tasks on duplicates.task_id = tasks.task_id
    left join tasks as canonical_tasks on duplicates.duplicate_of_task_id = canonical_tasks.task_id
    where chained.task_id is not null
        or not coalesce(tasks.is_tracked_call and canonical_tasks.is_tracked_call, false)
        or canonical_tasks.called_at > tasks.called_at
),

problem as (
    select
        cast(count(*) as {{ dbt.type_string() }}) || ' duplicates name a Task that does not count for them, for example '
        || {{ ordered_listagg("case when number <= 5 then task_id || ' of ' || duplicate_of_task_id end", ['number']) }}
        || '. Set dedupe_calls to false until R1.12 is corrected.' as text
    from wrong
)

select text
from problem
where text is not null
    and {{ raise_if('text') }}
