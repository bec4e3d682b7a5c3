{#- A Task that is created later than this after the end of the call is late. -#}
{%- set in_time_seconds = 900 -%}
{#- Clocks differ, and some providers round to the minute. -#}
{%- set same_time_seconds = 60 %}
with tasks as (
    select
        task_id,
        cookie_id,
        called_at,
        called_at_source,
        has_call_evidence,
        created_at
    from {{ ref('feed_calls') }}
    where not is_deleted
        and (has_call_evidence or cookie_id is not null)
),

calls as (
    select * from {{ ref('int_calls__provider_calls') }}
),

evidence as (
    select
        task_id,
        provider,
        provider_call_id,
        call_id_known_by,
        caller_number
    from {{ ref('feed_calls') }}
    where has_provider_evidence
),

matches as (
    select
        matches.*,
        -- The Task that was created first represents the call.
        first_value(matches.task_id) over (
            partition by matches.provider, matches.provider_call_id order by tasks.created_at nulls last, matches.task_id
        ) as first_task_id
    from {{ ref('feed_provider_matches') }} as matches
    inner join tasks on matches.task_id = tasks.task_id
),

-- Compare only the period that both sides cover.
covered_by_log as (
    select
        provider,
        min(started_at) as first_at,
        max(started_at) as last_at
    from calls
    group by provider
),

covered_by_any_log as (
    select
        min(first_at) as first_at,
        max(last_at) as last_at,
        -- If there is one provider, a Task without evidence can only be in its log.
        case when count(*) = 1 then min(provider) end as provider
    from covered_by_log
),

covered_by_tasks as (
    select
        min(created_at) as first_at,
        max(created_at) as last_at
    -- Deleted Tasks show which period was exported, too.
    from {{ ref('feed_calls') }}
    where has_call_evidence or cookie_id is not null
),

pairs as (
    select
        matches.task_id,
        matches.first_task_id,
        matches.provider,
        matches.provider_call_id,
        matches.matched_by,
        calls.started_at,
        calls.ended_at,
        calls.visitor_id,
        calls.gclid,
        tasks.created_at,
        tasks.called_at,
        tasks.called_at_source,
        tasks.cookie_id,
        {{ seconds_between('calls.ended_at', 'tasks.created_at') }} as seconds_written_after_end,
        {{ seconds_between('calls.started_at', 'tasks.called_at') }} as seconds_apart
    from matches
    inner join calls on matches.provider = calls.provider and matches.provider_call_id = calls.provider_call_id
    inner join tasks on matches.task_id = tasks.task_id
),

findings as (
    select
        'not_in_salesforce' as finding,
        calls.provider,
        calls.provider_call_id,
        cast(null as string) as task_id,
        cast(null as string) as other_task_id,
        cast(null as string) as matched_by,
        cast(null as decimal(18, 6)) as seconds,
        'The provider logged this call; no live record in Salesforce has its call id, its number at its time, or its time alone.'
            as explanation
    from calls
    cross join covered_by_tasks
    left join matches on calls.provider = matches.provider and calls.provider_call_id = matches.provider_call_id
    where matches.task_id is null
        and not calls.is_hidden
        and calls.started_at between covered_by_tasks.first_at and covered_by_tasks.last_at

    union all

    select
        'not_in_log',
        coalesce(evidence.provider, covered.provider),
        evidence.provider_call_id,
        tasks.task_id,
        null,
        null,
        null,
        case
            when evidence.provider_call_id is not null
                then {{ escaped_literal("The record names a call id that the provider's log does not have.") }}
            when evidence.caller_number is not null
                then {{ escaped_literal("The log has no call from the record's number at its time.") }}
            else 'The record names neither a call id nor a number, and no single call of the log is at its time.'
        end
    from tasks
    inner join covered_by_any_log as covered on tasks.called_at between covered.first_at and covered.last_at
    left join matches on tasks.task_id = matches.task_id
    left join evidence on tasks.task_id = evidence.task_id
    left join covered_by_log as named on evidence.provider = named.provider
    where matches.task_id is null
        -- The log of the provider that the record names can be shorter than those of others.
        and (evidence.provider is null or tasks.called_at between named.first_at and named.last_at)
        -- Providers do not log calls that users record by hand.
        and (tasks.cookie_id is not null or evidence.provider is not null)

    union all

    select
        'written_twice',
        provider,
        provider_call_id,
        task_id,
        first_task_id,
        matched_by,
        seconds_written_after_end,
        'Another record was written for the same call earlier.'
    from pairs
    where task_id <> first_task_id

    union all

    -- Found without the log, by call id or number (R1.12).
    select
        'written_twice',
        evidence.provider,
        evidence.provider_call_id,
        duplicates.task_id,
        duplicates.duplicate_of_task_id,
        null,
        null,
        'Another record contains the same call: the same call id within a day, or number and person within a minute.'
    from {{ ref('feed_calls') }} as duplicates
    left join evidence on duplicates.task_id = evidence.task_id
    left join pairs on duplicates.task_id = pairs.task_id and pairs.task_id <> pairs.first_task_id
    where duplicates.duplicate_of_task_id is not null
        and pairs.task_id is null

    union all

    select
        'written_late',
        provider,
        provider_call_id,
        task_id,
        null,
        matched_by,
        seconds_written_after_end,
        'The record was written more than {{ in_time_seconds // 60 }} minutes after the call had ended.'
    from pairs
    where task_id = first_task_id
        and seconds_written_after_end > {{ in_time_seconds }}

    union all

    select
        'bizible_id_lost',
        provider,
        provider_call_id,
        task_id,
        null,
        matched_by,
        null,
        'The provider knows the web visitor who called; the record has no BizibleId, so it makes no touchpoint.'
    from pairs
    where cookie_id is null
        and coalesce(visitor_id, gclid) is not null

    union all

    select
        'times_disagree',
        provider,
        provider_call_id,
        task_id,
        null,
        matched_by,
        seconds_apart,
        {{ escaped_literal("The record's ") }} || called_at_source
            || {{ escaped_literal(" differs from the time of the call in the provider's log.") }}
    from pairs
    where task_id = first_task_id
        and (
            seconds_apart < -{{ same_time_seconds }}
            -- CreatedDate after the start only shows that the Task is late, which is a separate finding.
            or (seconds_apart > {{ same_time_seconds }} and not {{ is_created_date('called_at_source') }})
        )
)

select
    findings.finding || ':' || coalesce(findings.provider, '') || ':' || coalesce(findings.provider_call_id, '') || ':'
        || coalesce(findings.task_id, '') as finding_id,
    findings.finding,
    findings.explanation,
    findings.provider,
    findings.provider_call_id,
    calls.started_at as call_started_at,
    cast(calls.duration_seconds as decimal(18, 6)) as call_duration_seconds,
    calls.direction,
    coalesce(calls.caller_number_as_logged, evidence.caller_number) as caller_number,
    calls.tracking_number,
    calls.visitor_id,
    calls.source,
    calls.gclid,
    findings.task_id as crm_task_id,
    tasks.created_at as task_created_at,
    tasks.called_at as task_called_at,
    tasks.called_at_source as task_called_at_source,
    tasks.cookie_id as bizible_id,
    findings.other_task_id as other_crm_task_id,
    findings.seconds,
    coalesce(findings.matched_by, evidence.call_id_known_by) as matched_by
from findings
left join calls on findings.provider = calls.provider and findings.provider_call_id = calls.provider_call_id
left join tasks on findings.task_id = tasks.task_id
left join evidence on findings.task_id = evidence.task_id
