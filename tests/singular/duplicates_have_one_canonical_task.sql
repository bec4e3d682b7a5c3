{{ config(meta={'dagster': {'ref': {'name': 'int_calls__duplicates'}}}) }}

-- R1.12: Tasks that share a CallObject or a provider's call id have the same canonical Task.
with calls as (
    select
        tasks.task_id,
        tasks.call_object,
        evidence.provider_call_id,
        coalesce(duplicates.duplicate_of_task_id, tasks.task_id) as canonical_task_id
    from {{ ref('int_calls__tasks') }} as tasks
    left join {{ ref('int_calls__provider_evidence') }} as evidence on tasks.task_id = evidence.task_id
    left join {{ ref('int_calls__duplicates') }} as duplicates on tasks.task_id = duplicates.task_id
    where tasks.is_tracked_call
        and {{ var('dedupe_calls') }}
)

select 'CallObject ' || call_object as shared
from calls
where call_object is not null
group by call_object
having count(distinct canonical_task_id) > 1
union all
select 'call id ' || provider_call_id
from calls
where provider_call_id is not null
group by provider_call_id
having count(distinct canonical_task_id) > 1
