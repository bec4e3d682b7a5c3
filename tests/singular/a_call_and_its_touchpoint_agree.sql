{{ config(meta={'dagster': {'ref': {'name': 'fct_touchpoints'}}}) }}

-- R1.6, R1.8: a call is `merged` or separate if and only if it made its touchpoint. Any other call of a session has the
-- touchpoint of the session.
with calls as (
    select * from {{ get_where_subquery(ref('fct_calls')) }}
),

-- Two CTEs: one with two readers is stored in memory, 1 GB for ten million touches.
touches as (
    select * from {{ get_where_subquery(ref('fct_touchpoints')) }}
),

touches_of_calls as (
    select * from {{ get_where_subquery(ref('fct_touchpoints')) }}
    where crm_task_id is not null
)

select
    calls.crm_task_id,
    calls.verdict,
    calls.touchpoint_id
from calls
left join touches on calls.touchpoint_id = touches.touchpoint_id
where calls.touchpoint_id is not null
    and (
        touches.touchpoint_id is null
        or coalesce(touches.session_id, '') <> coalesce(calls.session_id, '')
        or (calls.verdict in ('merged', 'separate_unknown_bizible_id', 'separate_outside_window'))
        <> (coalesce(touches.crm_task_id, '') = calls.crm_task_id)
    )
union all
select
    touches_of_calls.crm_task_id,
    calls.verdict,
    touches_of_calls.touchpoint_id
from touches_of_calls
left join calls on touches_of_calls.crm_task_id = calls.crm_task_id
where coalesce(calls.touchpoint_id, '') <> touches_of_calls.touchpoint_id
