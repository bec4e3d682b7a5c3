{# Table macros of the published file that trace one record through the marts: explain_call(task),
   explain_touchpoint(touchpoint) and explain_opportunity(opportunity). One row per fact:

   step               number of the step, without gaps; rows of one step belong together
   section            topic of the row
   reference          id of its record
   happened_at        when it happened, UTC
   distance_seconds   call minus session start, for a session near a call
   story              the fact as a sentence

   A parameter must not have the name of a column, because DuckDB replaces both. #}
{% macro explain_macros() -%}
{%- set record = 'Task or Event' if 'Event' in call_attribution.variable('call_tracking_objects') else 'Task' -%}
{{ return({
    'explain_call': {
        'parameters': ['asked_task'],
        'description': 'Traces one Salesforce ' ~ record ~ ': its call, nearby sessions, verdict with reason, touchpoint, people, positions, credit and advice. Takes an id of 15 or 18 characters.',
        'sql': call_attribution.explain_call_sql(),
    },
    'explain_touchpoint': {
        'parameters': ['asked_touchpoint'],
        'description': 'Traces one touchpoint: its channel, calls, people, positions and credit. Takes the id of a touchpoint, session, CampaignMember or ' ~ record ~ '.',
        'sql': call_attribution.explain_touchpoint_sql(),
    },
    'explain_opportunity': {
        'parameters': ['asked_opportunity'],
        'description': 'Traces one opportunity: its touches in order with position and credit, the sums of the shares, or why it has no touches. Takes an id of 15 or 18 characters.',
        'sql': call_attribution.explain_opportunity_sql(),
    },
}) }}
{%- endmacro %}

{% macro explain_call_sql() %}
{%- set reads_events = 'Event' in variable('call_tracking_objects') %}
with call as (
    select fct_calls.*
    from fct_calls
    where fct_calls.crm_task_id = {{ salesforce_id('cast(asked_task as varchar)') }}
),

sessions as (
    select
        fct_touchpoints.session_id,
        fct_touchpoints.touchpoint_date,
        fct_touchpoints.channel_path,
        fct_touchpoints.landing_page,
        {{ seconds_between('fct_touchpoints.touchpoint_date', 'call.called_at') }} as distance,
        fct_touchpoints.session_id is not distinct from call.session_id as is_chosen,
        fct_touchpoints.session_id is not distinct from call.nearest_session_id as is_nearest,
        call.session_id is not null as belongs_to_session,
        {% if variable('call_session_window_anchor') == 'session_start' -%}
        call.called_at between fct_touchpoints.touchpoint_date and {{ add_minutes(
            'fct_touchpoints.touchpoint_date', variable('call_session_window_minutes')) }} as is_in_window
        {%- else -%}
        case when fct_touchpoints.session_id is not distinct from call.session_id then true
            when call.called_at < fct_touchpoints.touchpoint_date then false
        end as is_in_window
        {%- endif %}
    from call
    inner join fct_touchpoints on call.bizible_id = fct_touchpoints.cookie_id
    where fct_touchpoints.session_id is not null
        and call.called_at is not null
),

-- Every session whose window contains the call, and the nearest other sessions.
candidates as (
    select *
    from sessions
    qualify is_chosen or is_nearest or is_in_window
        or row_number() over (order by abs(distance), session_id) <= 5
),

touchpoint as (
    select fct_touchpoints.*
    from call
    inner join fct_touchpoints on call.touchpoint_id = fct_touchpoints.touchpoint_id
),

story as (
    select
        1 as step,
        lower(call.activity_object) as section,
        call.crm_task_id as reference,
        records.CREATED_DATE as happened_at,
        cast(null as decimal(18, 6)) as distance_seconds,
        call.activity_object || coalesce(' of type ''' || call.task_type || '''', ' with a blank Type')
            || coalesce(', ' || lower(call.call_type) || ' call', '')
            || coalesce(', ' || {{ counted('cast(call.call_duration_seconds as bigint)', 'second') }} || ' long', '')
            || case
                when call.who_id is null then ', without a Lead or Contact'
                else ', for ' || call.who_id || coalesce(' (' || coalesce(records.LEAD_EMAIL, records.CONTACT_EMAIL) || ')', '')
            end
            || case
                when call.bizible_id is null then '. It has no BizibleId.'
                when call.is_bizible_id_wellformed then '. BizibleId ' || call.bizible_id || '.'
                else '. BizibleId ' || call.bizible_id || ', which does not have the documented form (32 hex digits).'
            end as story
    from call
    left join (
        select ID, CREATED_DATE, LEAD_EMAIL, CONTACT_EMAIL from biz_crm_tasks
        {%- if reads_events %}
        union all
        select ID, CREATED_DATE, LEAD_EMAIL, CONTACT_EMAIL from biz_crm_events
        {%- endif %}
    ) as records on call.crm_task_id = records.ID

    union all
    select
        2,
        'time of the call',
        call.called_at_source,
        call.called_at,
        null,
        case
            when call.called_at is null then 'No field of the ' || call.activity_object || ' has a usable call time.'
            else 'The call happened at ' || strftime(call.called_at, '%Y-%m-%d %H:%M:%S') || ' UTC, according to its field '
                || call.called_at_source || '.'
        end
    from call
    where call.bizible_id is not null

    union all
    select
        3,
        'session',
        session_id,
        touchpoint_date,
        distance,
        'Web session' || coalesce(' from ' || channel_path, '') || coalesce(' on ' || landing_page, '') || '. It started '
            || {{ format_seconds('distance') }} || case when distance < 0 then ' after the call' else ' before the call' end
            || case
                when is_chosen then ', and its window contains the call: the call belongs to it.'
                when is_in_window and not belongs_to_session then ', and its window contains the call.'
                when is_in_window then ', and its window also contains the call, but another session started later.'
                when distance < 0 then ': a call never joins a session that starts after it.'
                when is_in_window is null and belongs_to_session
                    then ': its window had closed, or it contains the call but another session started later.'
                when is_nearest then ': the nearest session, but its window had closed.'
                else ': its window had closed.'
            end
    from candidates

    union all
    select
        3,
        'session',
        null,
        null,
        null,
        'No web session has this BizibleId.'
    from call
    where call.bizible_id is not null
        and not exists (select 1 from sessions)
        and call.called_at is not null

    union all
    select
        4,
        'verdict',
        call.verdict,
        null,
        call.seconds_after_session_start,
        call.verdict_explanation
    from call

    union all
    select
        5,
        'touchpoint',
        touchpoint.touchpoint_id,
        touchpoint.touchpoint_date,
        null,
        touchpoint.marketing_touch_type || ' from ' || touchpoint.channel_path || ', source '
            || touchpoint.touchpoint_source || coalesce(', medium ' || touchpoint.medium, '')
            || coalesce(', campaign ' || touchpoint.ad_campaign_name, '') || '. '
            || case
                when touchpoint.crm_task_id = call.crm_task_id then 'This call made it.'
                when touchpoint.crm_task_id is not null then 'The call ' || touchpoint.crm_task_id || ' made it.'
                else 'A form or chat made it before this call.'
            end
    from call
    inner join touchpoint on true

    union all
    select
        5,
        'touchpoint',
        fct_touchpoints.touchpoint_id,
        fct_touchpoints.touchpoint_date,
        null,
        'A rule of activity_rules made a touch of it, from ' || fct_touchpoints.channel_path
            || '. explain_touchpoint shows its credit.'
    from call
    inner join fct_touchpoints on call.crm_task_id = fct_touchpoints.crm_activity_id

    {{ explain_consequences(6) }}

    union all
    select
        9,
        'what to do',
        null,
        null,
        null,
        {{ call_advice() }}
    from call
    inner join docs_verdicts on call.verdict = docs_verdicts.verdict

    union all
    select
        1,
        'not found',
        cast(asked_task as varchar),
        null,
        null,
        'No {{ 'Task or Event' if reads_events else 'Task' }} with this id has been landed. Check the id (Task ids start with 00T{{ ', Event ids with 00U' if reads_events }}) and that the export contains it: Salesforce archives closed Tasks after a year, and only queryAll returns those and deleted ones.'
    where not exists (select 1 from call)
)

select * replace (dense_rank() over (order by step) as step) from story order by step, abs(distance_seconds), happened_at, reference
{%- endmacro %}

{% macro explain_touchpoint_sql() %}
with touchpoint as (
    select *
    from fct_touchpoints
    where touchpoint_id in (
        cast(asked_touchpoint as varchar),
        'session-' || cast(asked_touchpoint as varchar),
        'task-' || {{ salesforce_id('cast(asked_touchpoint as varchar)') }},
        'activity-' || {{ salesforce_id('cast(asked_touchpoint as varchar)') }},
        'member-' || {{ salesforce_id('cast(asked_touchpoint as varchar)') }},
        -- The touchpoint of a merged call is that of its session.
        (select touchpoint_id from fct_calls where crm_task_id = {{ salesforce_id('cast(asked_touchpoint as varchar)') }})
    )
),

story as (
    select
        1 as step,
        'touchpoint' as section,
        touchpoint_id as reference,
        touchpoint_date as happened_at,
        cast(null as decimal(18, 6)) as distance_seconds,
        marketing_touch_type || case
            when campaign_member_id is not null then ' of the campaign member ' || campaign_member_id
            when crm_activity_id is not null then ' of the ' || activity_object || ' ' || crm_activity_id
            when session_id is null then ' of its own: a call outside all call windows'
            else coalesce(' on ' || landing_page, '')
        end
            || case when form_submitted_at is not null then ', with a form or chat at '
                || strftime(form_submitted_at, '%Y-%m-%d %H:%M:%S') || coalesce(' on ' || form_page, '') else '' end
            || coalesce(', cookie ' || cookie_id, '') || '.' as story
    from touchpoint

    union all
    select
        2,
        'channel',
        channel_path,
        null,
        null,
        'Source ' || touchpoint_source || coalesce(', medium ' || medium, '')
            || coalesce(', campaign ' || ad_campaign_name, '') || coalesce(', keyword ' || keyword_text, '')
            || coalesce(', referrer ' || referrer_page, '')
            || coalesce('. The export names the channel ' || source_channel, '') || '.'
    from touchpoint

    union all
    select
        3,
        'call',
        fct_calls.crm_task_id,
        fct_calls.called_at,
        fct_calls.seconds_after_session_start,
        fct_calls.verdict_explanation
    from touchpoint
    inner join fct_calls on touchpoint.touchpoint_id = fct_calls.touchpoint_id

    {{ explain_consequences(4) }}

    union all
    select
        1,
        'not found',
        cast(asked_touchpoint as varchar),
        null,
        null,
        'No touchpoint, live session or separate call has this id. Use explain_call to trace a Task.'
    where not exists (select 1 from touchpoint)
)

select * replace (dense_rank() over (order by step) as step) from story order by step, happened_at, reference
{%- endmacro %}

{% macro explain_opportunity_sql() %}
with opportunity as (
    select *
    from biz_opportunities
    where ID = {{ salesforce_id('cast(asked_opportunity as varchar)') }}
),

credits as (
    select
        fct_attribution_touchpoints.*,
        fct_touchpoints.touchpoint_date,
        fct_touchpoints.marketing_touch_type,
        fct_touchpoints.channel_path
    from opportunity
    inner join fct_attribution_touchpoints on opportunity.ID = fct_attribution_touchpoints.opportunity_id
    inner join fct_touchpoints on fct_attribution_touchpoints.touchpoint_id = fct_touchpoints.touchpoint_id
),

story as (
    select
        1 as step,
        'opportunity' as section,
        ID as reference,
        CREATED_DATE as happened_at,
        cast(null as decimal(18, 6)) as distance_seconds,
        coalesce(NAME, 'Opportunity') || coalesce(', stage ' || BIZIBLE_STAGE, '')
            || coalesce(', ' || cast(cast(AMOUNT as decimal(38, 2)) as varchar) || coalesce(' ' || CURRENCY_ISO_CODE, ''), ', without an amount')
            || case
                when _DELETED_DATE is not null then ', deleted in Salesforce'
                when IS_WON then ', won'
                when IS_CLOSED then ', lost'
                else ', open'
            end || coalesce(', closing on ' || strftime(CLOSE_DATE, '%Y-%m-%d'), '') || '.' as story
    from opportunity

    union all
    select
        2,
        'touch',
        credits.touchpoint_id,
        credits.touchpoint_date,
        null,
        credits.marketing_touch_type || ' from ' || credits.channel_path
            || coalesce(', of Contact ' || credits.contact_id, '') || '. Position ' || credits.touchpoint_position || ': '
            || {{ credit_summary('credits') }} || '.'
    from credits

    union all
    select
        3,
        'sum',
        {{ counted('count(*)', 'touch', 'touches') }},
        null,
        null,
        'The shares add up: '
            {%- for model in attribution_models() %}
            || '{{ ', ' if not loop.first }}{{ model | replace('_', ' ') }} ' || {{ format_percentage('sum(' ~ model ~ '_percentage)') }}
            || coalesce(' = ' || cast(sum({{ model }}_revenue) as varchar), '')
            {%- endfor %}
            || '. The amounts are in the corporate currency.'
    from credits
    having count(*) > 0

    union all
    select
        2,
        'unattributed',
        rpt_unattributed_opportunities.reason,
        null,
        null,
        'It has no touches: ' || case rpt_unattributed_opportunities.reason
            when 'no_account' then 'it has no account, so no touches count for it.'
            when 'no_contacts' then 'no Contact counts for it.'
            when 'no_touches' then 'its Contacts have no touches.'
            when 'touches_after_close_only' then 'its Contacts have touches after the close only.'
        end
    from opportunity
    inner join rpt_unattributed_opportunities on opportunity.ID = rpt_unattributed_opportunities.opportunity_id

    union all
    select
        1,
        'not found',
        cast(asked_opportunity as varchar),
        null,
        null,
        'No opportunity with this id has been landed. Opportunity ids start with 006.'
    where not exists (select 1 from opportunity)
)

select * replace (dense_rank() over (order by step) as step) from story order by step, happened_at, reference
{%- endmacro %}

{# The people, positions and credit of the CTE `touchpoint`, as steps. #}
{% macro explain_consequences(step) %}
    union all
    select
        {{ step }},
        'person',
        fct_person_touchpoints.email,
        null,
        null,
        'The touch belongs to ' || fct_person_touchpoints.email || ', known by ' || case fct_person_touchpoints.known_by
            when 'form' then 'a form'
            when 'chat' then 'a chat'
            when 'call' then 'a call for the person in Salesforce'
            when 'mapping' then 'the mapping of email addresses to visitors'
            when 'crm' then case
                when touchpoint.campaign_member_id is not null or touchpoint.crm_activity_id is not null
                    then 'the Lead or Contact that the record names'
                else 'the BizibleId on the Lead or Contact'
            end
        end || '.'
    from touchpoint
    inner join fct_person_touchpoints on touchpoint.touchpoint_id = fct_person_touchpoints.touchpoint_id

    union all
    select
        {{ step }},
        'person',
        null,
        null,
        null,
        'This cookie belongs to no known person: it has no form or chat with an address, no Lead or Contact with its id, and no call that names a person.'
    from touchpoint
    where not exists (
        select 1
        from fct_person_touchpoints
        inner join touchpoint as asked on fct_person_touchpoints.touchpoint_id = asked.touchpoint_id
    )

    union all
    select
        {{ step + 1 }},
        'position',
        coalesce(fct_buyer_touchpoints.contact_id, fct_buyer_touchpoints.lead_id),
        null,
        null,
        case when fct_buyer_touchpoints.contact_id is not null then 'Contact ' else 'Lead ' end
            || coalesce(fct_buyer_touchpoints.contact_id, fct_buyer_touchpoints.lead_id) || ': '
            || fct_buyer_touchpoints.touchpoint_position || '.'
    from touchpoint
    inner join fct_buyer_touchpoints on touchpoint.touchpoint_id = fct_buyer_touchpoints.touchpoint_id

    union all
    select
        {{ step + 2 }},
        'credit',
        credits.opportunity_id,
        null,
        null,
        coalesce(biz_opportunities.NAME, 'Opportunity ' || credits.opportunity_id)
            || case when credits.is_won then ' (won)' when credits.is_closed then ' (lost)' else ' (open)' end
            || ', position ' || credits.touchpoint_position || ': ' || {{ credit_summary('credits') }} || '.'
    from touchpoint
    inner join fct_attribution_touchpoints as credits on touchpoint.touchpoint_id = credits.touchpoint_id
    left join biz_opportunities on credits.opportunity_id = biz_opportunities.ID
{% endmacro %}

{# The credit of a touch, per model in which it has any. #}
{% macro credit_summary(relation) -%}
coalesce(nullif(concat_ws(', '
    {%- for model in attribution_models() %},
    case when {{ relation }}.{{ model }}_percentage <> 0
        then '{{ model | replace('_', ' ') }} ' || {{ format_percentage(relation ~ '.' ~ model ~ '_percentage') }}
            || coalesce(' = ' || cast({{ relation }}.{{ model }}_revenue as varchar), '') end
    {%- endfor %}), ''), 'no credit in the six standard models (fct_attribution_credit has all models)')
{%- endmacro %}

{% macro format_percentage(x) -%}
cast(cast(round({{ x }}, 2) as decimal(18, 2)) as varchar) || ' %'
{%- endmacro %}
