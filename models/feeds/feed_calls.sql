{{ config(meta={'component_key': {'column': 'task_id', 'kinds': ['Task', 'Event']}}) }}

with tasks as (
    select
        task_id,
        is_deleted,
        cookie_id,
        who_id,
        called_at,
        called_at_source,
        task_type,
        has_call_evidence
    from {{ ref('int_calls__tasks') }}
),

verdicts as (
    select
        task_id,
        verdict,
        is_counted,
        duplicate_of_task_id
    from {{ ref('int_touchpoints__verdicts') }}
),

details as (
    select
        task_id,
        created_at
    from {{ ref('int_calls__activities') }}
),

evidence as (
    select
        task_id,
        provider,
        provider_call_id,
        call_id_known_by,
        caller_number
    from {{ ref('int_calls__provider_evidence') }}
)

select
    tasks.task_id,
    tasks.is_deleted,
    tasks.cookie_id,
    tasks.who_id,
    tasks.called_at,
    tasks.called_at_source,
    details.created_at,
    tasks.task_type,
    tasks.has_call_evidence,
    verdicts.verdict,
    verdicts.is_counted,
    verdicts.duplicate_of_task_id,
    evidence.task_id is not null as has_provider_evidence,
    evidence.provider,
    evidence.provider_call_id,
    evidence.call_id_known_by,
    evidence.caller_number
from tasks
inner join verdicts on tasks.task_id = verdicts.task_id
inner join details on tasks.task_id = details.task_id
left join evidence on tasks.task_id = evidence.task_id
