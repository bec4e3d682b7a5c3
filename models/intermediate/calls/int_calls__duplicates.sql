{#- Evidence is transitive: if A and B share a CallObject, and B and C a provider's id, then A, B and C are one call. Each
    round propagates the earliest Task along all three kinds of evidence. The test duplicates_have_one_canonical_task fails
    if four rounds are too few. -#}
{%- set rounds = 4 %}

with calls as (
    select
        tasks.task_id,
        tasks.called_at,
        tasks.call_object,
        evidence.provider_call_id,
        case when evidence.caller_number is not null then tasks.who_id end as number_who_id,
        evidence.caller_number,
        row_number() over (order by tasks.called_at, tasks.task_id) as call_number
    from {{ ref('int_calls__tasks') }} as tasks
    left join {{ ref('int_calls__provider_evidence') }} as evidence on tasks.task_id = evidence.task_id
    where tasks.is_tracked_call
        and {{ variable('dedupe_calls') }}
        and (tasks.call_object is not null or evidence.task_id is not null)
),

-- R1.12: with the same number and WhoId, a call at most 60 seconds after the previous one is the same call.
number_gaps as (
    select
        *,
        case
            when called_at <= {{ add_minutes(
                'lag(called_at) over (partition by caller_number, number_who_id order by call_number)', 1) }} then 0
            else 1
        end as opens_run
    from calls
),

grouped as (
    select
        task_id,
        call_number,
        coalesce('object ' || call_object, 'task ' || task_id) as object_group,
        coalesce('provider ' || provider_call_id, 'task ' || task_id) as provider_group,
        case
            when number_who_id is null then 'task ' || task_id
            else number_who_id || ' ' || caller_number || ' ' || cast(sum(opens_run) over (
                partition by caller_number, number_who_id order by call_number
                rows between unbounded preceding and current row
            ) as string)
        end as number_group
    from number_gaps
),

counted as (
    select
        *,
        count(*) over (partition by object_group) as object_count,
        count(*) over (partition by provider_group) as provider_count,
        count(*) over (partition by number_group) as number_count
    from grouped
),

-- Most calls share no evidence with another one.
round_0 as (
    select
        task_id,
        call_number,
        call_number as canonical_number,
        object_group,
        provider_group,
        number_group
    from counted
    where object_count > 1
        or provider_count > 1
        or number_count > 1
),

{% for round in range(rounds) -%}
{%- for kind in ['object', 'provider', 'number'] %}
round_{{ round * 3 + loop.index }} as (
    select
        task_id,
        call_number,
        min(canonical_number) over (partition by {{ kind }}_group) as canonical_number,
        object_group,
        provider_group,
        number_group
    from round_{{ round * 3 + loop.index0 }}
),
{% endfor -%}
{%- endfor %}
canonical as (
    select
        task_id,
        canonical_number
    from round_{{ rounds * 3 }}
)

select
    canonical.task_id,
    first_calls.task_id as duplicate_of_task_id
from canonical
inner join calls as first_calls on canonical.canonical_number = first_calls.call_number
where canonical.task_id <> first_calls.task_id
