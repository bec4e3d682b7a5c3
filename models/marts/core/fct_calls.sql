{{ config(meta={'component_key': {'column': 'crm_task_id', 'kinds': ['Task', 'Event']}}) }}

with verdicts as (
    select * from {{ ref('int_touchpoints__verdicts') }}
),

channels as (
    select
        channel_input_key,
        channel,
        channel_path
    from {{ ref('int_channels__resolved') }}
),

verdict_texts as (
    select
        verdict,
        explanation
    from {{ ref('verdicts') }}
),

sessions as (
    select
        session_id,
        started_at
    from {{ ref('int_sessions__keys') }}
    where session_id in (select session_id from verdicts)
),

details as (
    select
        task_id,
        owner_id,
        subject,
        call_disposition,
        call_object
    from {{ ref('int_calls__activities') }}
),

users as (
    select
        user_id,
        user_name
    from {{ ref('stg_salesforce__users') }}
),

evidence as (
    select
        task_id,
        provider_call_id,
        tracking_number,
        caller_number_as_written
    from {{ ref('int_calls__provider_evidence') }}
),

-- Only touches with a call. Without this step, every touch would be joined to its channel.
call_touches as (
    select
        {{ session_touchpoint_id('session_id') }} as touchpoint_id,
        shown_channel_input_key
    from {{ ref('int_touchpoints__touches') }}
    where session_id in (select session_id from verdicts)
    union all
    select
        {{ call_touchpoint_id('task_id') }},
        shown_channel_input_key
    from {{ ref('int_touchpoints__touches') }}
    where session_id is null
),

call_channels as (
    select
        call_touches.touchpoint_id,
        channels.channel,
        channels.channel_path
    from call_touches
    inner join channels on call_touches.shown_channel_input_key = channels.channel_input_key
)

select
    verdicts.task_id as crm_task_id,
    verdicts.activity_object,
    verdicts.cookie_id as bizible_id,
    verdicts.is_bizible_id_wellformed,
    verdicts.verdict,
    {{ verdict_explanation(
        'verdict_texts.explanation', 'verdicts.seconds_to_nearest_session', 'verdicts.duplicate_of_task_id') }}
        as verdict_explanation,
    verdicts.is_counted,
    verdicts.called_at,
    verdicts.called_at_source,
    verdicts.task_type,
    verdicts.call_type,
    cast(verdicts.call_duration_seconds as decimal(18, 6)) as call_duration_seconds,
    call_details.call_disposition,
    call_details.subject,
    verdicts.who_id,
    call_details.owner_id,
    users.user_name as owner_name,
    -- R1.12: a call id without a log can be in CallObject, which can also have a constant.
    coalesce(evidence.provider_call_id, case when {{ looks_like_call_id('call_details.call_object') }} then call_details.call_object end)
        as provider_call_id,
    evidence.tracking_number,
    {{ 'evidence.caller_number_as_written' if variable('publish_phone_numbers') else 'cast(null as string)' }} as caller_number,
    verdicts.session_id,
    sessions.started_at as session_started_at,
    {{ seconds_between('sessions.started_at', 'verdicts.called_at') }} as seconds_after_session_start,
    verdicts.nearest_session_id,
    verdicts.seconds_to_nearest_session,
    cast(verdicts.candidate_session_count as bigint) as candidate_session_count,
    verdicts.duplicate_of_task_id,
    verdicts.touchpoint_id,
    call_channels.channel,
    call_channels.channel_path,
    verdicts.is_deleted
from verdicts
left join verdict_texts on verdicts.verdict = verdict_texts.verdict
left join call_channels on verdicts.touchpoint_id = call_channels.touchpoint_id
left join sessions on verdicts.session_id = sessions.session_id
left join details as call_details on verdicts.task_id = call_details.task_id
left join users on call_details.owner_id = users.user_id
left join evidence on verdicts.task_id = evidence.task_id
