{#- A Task is written as the call begins or ends; half of the vendors' minutes are rounded. -#}
{%- set near_seconds = 600 -%}
{#- A Task that came late, by number: of one day. -#}
{%- set late_seconds = 86400 -%}
{#- Without a number: one minute. -#}
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

-- A switchboard's number can have thousands of calls: pairs are only looked for on neighbouring days.
task_days as (
    {{ row_per_number(
        'tasks',
        'cast(floor(' ~ epoch_us('called_at') ~ ' / ' ~ late_seconds * 1000000 ~ ') as bigint) - 1',
        'cast(floor(' ~ epoch_us('called_at') ~ ' / ' ~ late_seconds * 1000000 ~ ') as bigint) + 1',
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
        and tasks.day_number = cast(floor({{ epoch_us('calls.started_at') }} / {{ late_seconds * 1000000 }}) as bigint)
    left join by_id on tasks.task_id = by_id.task_id
    where by_id.task_id is null
),

by_number as (
    select
        *,
        row_number() over (
            partition by task_id order by seconds_apart, started_at, provider, provider_call_id
        ) as place
    from numbered
    where seconds_apart <= {{ near_seconds }}
),

met as (
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
    where place = 1
),

-- What is left over on both sides: a Task that came hours late and a call that no Task came for, each the other's
-- nearest.
late as (
    select
        numbered.*,
        row_number() over (
            partition by numbered.task_id order by numbered.seconds_apart, numbered.provider, numbered.provider_call_id
        ) as place_for_task,
        row_number() over (
            partition by numbered.provider, numbered.provider_call_id order by numbered.seconds_apart, numbered.task_id
        ) as place_for_call
    from numbered
    left join met as met_tasks on numbered.task_id = met_tasks.task_id
    left join met as met_calls
        on numbered.provider = met_calls.provider and numbered.provider_call_id = met_calls.provider_call_id
    where met_tasks.task_id is null
        and met_calls.task_id is null
        and numbered.called_at > numbered.ended_at
        and numbered.seconds_apart <= {{ late_seconds }}
),

-- Tasks that name neither a call id nor a number, and the calls that nothing has met so far.
silent_tasks as (
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

unmet_calls as (
    select calls.*
    from calls
    left join met on calls.provider = met.provider and calls.provider_call_id = met.provider_call_id
    left join late
        on calls.provider = late.provider
        and calls.provider_call_id = late.provider_call_id
        and late.place_for_task = 1
        and late.place_for_call = 1
    where met.task_id is null
        and late.task_id is null
),

beginnings_and_ends as (
    select
        provider,
        provider_call_id,
        started_at as happened_at
    from unmet_calls
    union
    select
        provider,
        provider_call_id,
        ended_at
    from unmet_calls
),

moments as (
    select
        *,
        cast(floor({{ epoch_us('happened_at') }} / {{ same_seconds * 1000000 }}) as bigint) as bucket
    from beginnings_and_ends
),

at_one_time as (
    select distinct
        silent_tasks.task_id,
        moments.provider,
        moments.provider_call_id
    from silent_tasks
    inner join moments
        on silent_tasks.bucket = moments.bucket
        and abs({{ seconds_between('moments.happened_at', 'silent_tasks.called_at') }}) <= {{ same_seconds }}
),

by_time as (
    select
        *,
        count(*) over (partition by task_id) as calls_at_this_time,
        count(*) over (partition by provider, provider_call_id) as tasks_at_this_time
    from at_one_time
)

select
    task_id,
    provider,
    provider_call_id,
    matched_by
from met
union all
select
    task_id,
    provider,
    provider_call_id,
    'number and day'
from late
where place_for_task = 1
    and place_for_call = 1
union all
select
    task_id,
    provider,
    provider_call_id,
    'time'
from by_time
where calls_at_this_time = 1
    and tasks_at_this_time = 1
