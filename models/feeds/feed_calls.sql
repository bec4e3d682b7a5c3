{{ config(meta={'component_key': {'column': 'task_id', 'kinds': ['Task']}}) }}

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
from {{ ref('int_calls__tasks') }} as tasks
inner join {{ ref('int_touchpoints__verdicts') }} as verdicts on tasks.task_id = verdicts.task_id
inner join {{ ref('stg_salesforce__tasks') }} as details on tasks.task_id = details.task_id
left join {{ ref('int_calls__provider_evidence') }} as evidence on tasks.task_id = evidence.task_id
