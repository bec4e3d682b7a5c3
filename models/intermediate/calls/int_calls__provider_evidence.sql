{%- set patterns = task_description_patterns() %}
with tasks as (
    select
        task_id,
        call_object
    from {{ ref('int_calls__tasks') }}
    where not is_deleted
),

texts as (
    select
        tasks.task_id,
        {{ plain_spaces('details.description') }} as description,
        lower({{ plain_spaces('details.description') }}) as lower_description
    from tasks
    inner join {{ ref('int_calls__activities') }} as details on tasks.task_id = details.task_id
    where details.description is not null
),

-- Searching for the marker first avoids the costly expression for most texts.
found as (
    select
        {%- for pattern in patterns %}
        case when position({{ escaped_literal(pattern.marker) }} in lower_description) > 0
            then {{ first_match('description', pattern.pattern) }} end as found_{{ loop.index0 }},
        {%- endfor %}
        task_id
    from texts
),

first_found as (
    select
        task_id,
        {{ first_found(patterns, 'provider_call_id', 'provider') }} as provider,
        {{ first_found(patterns, 'provider_call_id', 'value') }} as call_id_text,
        {{ first_found(patterns, 'caller_number', 'value') }} as caller_number_as_written
    from found
),

normalised as (
    select
        *,
        {{ phone_number('caller_number_as_written') }} as normalised_number
    from first_found
),

-- R1.12: `call_id_text` can also be a word or a telephone number. It is a call id if it looks like one, or if it is in the
-- log: some providers number their calls.
described as (
    select
        normalised.task_id,
        normalised.provider,
        normalised.call_id_text,
        case when {{ looks_like_call_id('normalised.call_id_text') }} then normalised.call_id_text end as call_id,
        case when anonymous.caller_number is null then normalised.normalised_number end as caller_number,
        case when anonymous.caller_number is null and normalised.normalised_number is not null
            then normalised.caller_number_as_written end as caller_number_as_written
    from normalised
    left join {{ ref('anonymous_caller_numbers') }} as anonymous on normalised.normalised_number = anonymous.caller_number
),

provider_calls as (
    select * from {{ ref('int_calls__provider_calls') }}
),

other_ids as (
    {{ row_per_part('provider_calls', 'other_call_ids', ' ', 'other_call_id') }}
),

call_ids as (
    select
        provider,
        provider_call_id,
        provider_call_id as call_id,
        0 as is_other
    from provider_calls
    union all
    select
        provider,
        provider_call_id,
        other_call_id,
        1
    from other_ids
    where other_call_id <> provider_call_id
),

-- Every way in which the log and a Task can name each other, the most reliable first.
matches as (
    select
        tasks.task_id,
        logs.provider,
        logs.provider_call_id,
        'Task id in the log' as known_by,
        1 as precedence
    from tasks
    inner join provider_calls as logs on tasks.task_id = logs.crm_task_id
    union all
    select
        tasks.task_id,
        call_ids.provider,
        call_ids.provider_call_id,
        'CallObject',
        2 + call_ids.is_other
    from tasks
    inner join call_ids on tasks.call_object = call_ids.call_id
    union all
    select
        described.task_id,
        call_ids.provider,
        call_ids.provider_call_id,
        'Description',
        4 + call_ids.is_other
    from described
    inner join call_ids
        on described.call_id_text = call_ids.call_id
        and coalesce(described.provider, call_ids.provider) = call_ids.provider
),

ranked_matches as (
    select
        *,
        row_number() over (partition by task_id order by precedence, provider, provider_call_id) as match_rank
    from matches
),

logged as (
    select
        ranked_matches.task_id,
        ranked_matches.provider,
        ranked_matches.provider_call_id,
        ranked_matches.known_by,
        logs.caller_number,
        logs.caller_number_as_logged,
        logs.tracking_number
    from ranked_matches
    inner join provider_calls as logs
        on ranked_matches.provider = logs.provider
        and ranked_matches.provider_call_id = logs.provider_call_id
    where ranked_matches.match_rank = 1
)

select
    coalesce(logged.task_id, described.task_id) as task_id,
    coalesce(logged.provider, described.provider) as provider,
    coalesce(logged.provider_call_id, described.call_id) as provider_call_id,
    described.call_id as described_call_id,
    logged.task_id is not null as is_in_log,
    case
        when logged.task_id is not null then logged.known_by
        when described.call_id is not null then 'Description'
    end as call_id_known_by,
    coalesce(logged.caller_number, described.caller_number) as caller_number,
    case when logged.caller_number is not null then logged.caller_number_as_logged else described.caller_number_as_written
    end as caller_number_as_written,
    logged.tracking_number
from logged
full outer join described on logged.task_id = described.task_id
where coalesce(logged.provider_call_id, described.call_id, logged.caller_number, described.caller_number) is not null
