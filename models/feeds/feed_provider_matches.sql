{#- Match by number: integrations write a Task when the call begins or ends, and some round to minutes. -#}
{%- set near_seconds = 600 -%}
{#- Match of a late Task, or of one with a time of another time zone, by number: within one day. -#}
{%- set day_seconds = 86400 -%}
{#- Match by time alone: within one minute. -#}
{%- set same_seconds = 60 %}
with tasks as (
    select
        task_id,
        called_at,
        provider,
        provider_call_id,
        caller_number
    from {{ ref('feed_calls') }}
    where not is_deleted
        and (has_call_evidence or cookie_id is not null)
),

calls as (
    select * from {{ ref('int_calls__provider_calls') }}
),

by_id as (
    select
        tasks.task_id,
        calls.provider,
        calls.provider_call_id
    from tasks
    inner join calls on tasks.provider = calls.provider and tasks.provider_call_id = calls.provider_call_id
),

-- A switchboard's number can have thousands of calls, so only neighbouring days are compared.
task_days as (
    {{ row_per_number(
        'tasks',
        'cast(floor(' ~ epoch_us('called_at') ~ ' / ' ~ day_seconds * 1000000 ~ ') as bigint) - 1',
        'cast(floor(' ~ epoch_us('called_at') ~ ' / ' ~ day_seconds * 1000000 ~ ') as bigint) + 1',
        'day_number'
    ) }}
    where caller_number is not null
        and called_at is not null
),

numbered as (
    select
        tasks.task_id,
        tasks.called_at,
        calls.provider,
        calls.provider_call_id,
        calls.started_at,
        calls.ended_at,
        least(
            abs({{ seconds_between('calls.started_at', 'tasks.called_at') }}),
            abs({{ seconds_between('calls.ended_at', 'tasks.called_at') }})
        ) as seconds_apart
    from task_days as tasks
    inner join calls
        on tasks.caller_number = calls.caller_number
        and tasks.day_number = cast(floor({{ epoch_us('calls.started_at') }} / {{ day_seconds * 1000000 }}) as bigint)
    left join by_id on tasks.task_id = by_id.task_id
    where by_id.task_id is null
),

near as (
    select
        numbered.*,
        named_calls.provider_call_id is not null as is_named,
        row_number() over (
            partition by numbered.task_id, named_calls.provider_call_id is not null
            order by numbered.seconds_apart, numbered.started_at, numbered.provider, numbered.provider_call_id
        ) as task_rank,
        row_number() over (
            partition by numbered.provider, numbered.provider_call_id order by numbered.seconds_apart, numbered.task_id
        ) as call_rank
    from numbered
    left join (
        select distinct
            provider,
            provider_call_id
        from by_id
    ) as named_calls
        on numbered.provider = named_calls.provider
        and numbered.provider_call_id = named_calls.provider_call_id
    where numbered.seconds_apart <= {{ near_seconds }}
),

-- A redial within ten minutes is two calls: a Task takes a call that is another Task's own only if no other call is left. A Task's
-- own call is the one that it names, or the nearest one, if it is also nearest to that call.
by_number as (
    select
        near.*,
        row_number() over (
            partition by near.task_id
            order by
                case when near.is_named or own_calls.task_id <> near.task_id then 1 else 0 end,
                near.seconds_apart,
                near.started_at,
                near.provider,
                near.provider_call_id
        ) as match_rank
    from near
    left join near as own_calls
        on near.provider = own_calls.provider
        and near.provider_call_id = own_calls.provider_call_id
        and own_calls.task_rank = 1
        and own_calls.call_rank = 1
),

matched as (
    select
        task_id,
        provider,
        provider_call_id,
        'call id' as matched_by
    from by_id
    union all
    select
        task_id,
        provider,
        provider_call_id,
        'number and time'
    from by_number
    where match_rank = 1
),

-- An unmatched Task and an unmatched call that are each other's nearest candidate.
by_day as (
    select
        numbered.*,
        row_number() over (
            partition by numbered.task_id order by numbered.seconds_apart, numbered.provider, numbered.provider_call_id
        ) as task_rank,
        row_number() over (
            partition by numbered.provider, numbered.provider_call_id order by numbered.seconds_apart, numbered.task_id
        ) as call_rank
    from numbered
    left join matched as matched_tasks on numbered.task_id = matched_tasks.task_id
    left join matched as matched_calls
        on numbered.provider = matched_calls.provider and numbered.provider_call_id = matched_calls.provider_call_id
    where matched_tasks.task_id is null
        and matched_calls.task_id is null
        and numbered.seconds_apart <= {{ day_seconds }}
),

-- Tasks without call id and number can only match unmatched calls by time.
unidentified_tasks as (
    {{ row_per_number(
        'tasks',
        'cast(floor(' ~ epoch_us('called_at') ~ ' / ' ~ same_seconds * 1000000 ~ ') as bigint) - 1',
        'cast(floor(' ~ epoch_us('called_at') ~ ' / ' ~ same_seconds * 1000000 ~ ') as bigint) + 1',
        'bucket'
    ) }}
    where provider_call_id is null
        and caller_number is null
        and called_at is not null
),

unmatched_calls as (
    select calls.*
    from calls
    left join matched on calls.provider = matched.provider and calls.provider_call_id = matched.provider_call_id
    left join by_day
        on calls.provider = by_day.provider
        and calls.provider_call_id = by_day.provider_call_id
        and by_day.task_rank = 1
        and by_day.call_rank = 1
    where matched.task_id is null
        and by_day.task_id is null
),

call_times as (
    select
        provider,
        provider_call_id,
        started_at as happened_at
    from unmatched_calls
    union
    select
        provider,
        provider_call_id,
        ended_at
    from unmatched_calls
),

moments as (
    select
        *,
        cast(floor({{ epoch_us('happened_at') }} / {{ same_seconds * 1000000 }}) as bigint) as bucket
    from call_times
),

same_time as (
    select distinct
        unidentified_tasks.task_id,
        moments.provider,
        moments.provider_call_id
    from unidentified_tasks
    inner join moments
        on unidentified_tasks.bucket = moments.bucket
        and abs({{ seconds_between('moments.happened_at', 'unidentified_tasks.called_at') }}) <= {{ same_seconds }}
),

by_time as (
    select
        *,
        count(*) over (partition by task_id) as calls_at_this_time,
        count(*) over (partition by provider, provider_call_id) as tasks_at_this_time
    from same_time
)

select
    task_id,
    provider,
    provider_call_id,
    matched_by
from matched
union all
select
    task_id,
    provider,
    provider_call_id,
    'number and day'
from by_day
where task_rank = 1
    and call_rank = 1
union all
select
    task_id,
    provider,
    provider_call_id,
    'time'
from by_time
where calls_at_this_time = 1
    and tasks_at_this_time = 1
