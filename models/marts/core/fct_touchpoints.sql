{#- `summed_columns` are what reports of sums read (materialization `summed`). An incremental build keeps these of the rows that it
    replaces: with all columns, a day of ten million sessions took 4 CPU seconds more. #}
{{ config(meta={
    'component_key': {'column': 'touchpoint_id', 'kinds': ['touchpoint']},
    'summed_columns': [
        'touchpoint_id', 'crm_task_id', 'touchpoint_date', 'called_at', 'is_conversion', 'marketing_touch_type', 'channel',
        'subchannel', 'channel_path', 'ad_campaign_name', 'keyword_text', 'landing_page',
    ],
}) }}

-- The only model that writes the wide text of sessions: earlier models carry keys, and later ones read a few of its columns.
{#- Columns with other sources than the session: forms assigned to it (R1.9), parameters of its landing page (R2.4); and a flag,
    which is never null. -#}
{%- set filled = ['is_first_session', 'has_form', 'has_chat', 'has_email', 'has_crm_activity', 'ad_campaign_name', 'keyword_text'] %}

with touches as (
    select * from {{ ref('int_touchpoints__touches') }}
),

calls as (
    select *
    from {{ ref('int_touchpoints__verdicts') }}
    where (verdict like 'merged%' or verdict like 'separate%')
),

channels as (
    select * from {{ ref('int_channels__resolved') }}
),

-- R2.4: parse the landing page only if the source leaves a column empty.
queries as (
    select
        *,
        case when utm_content is null or keyword_text is null
            then {{ url_query('coalesce(landing_page_raw, landing_page)') }} end as query
    from {{ ref('int_sessions__attributes') }}
),

sessions as (
    select
        *,
        {{ raw_parameter('query', 'utm_content') }} as raw_utm_content,
        {{ raw_parameter('query', 'utm_term') }} as raw_utm_term,
        {{ raw_parameter('query', '_bk') }} as raw_bk
    from queries
),

forms as (
    select * from {{ ref('stg_web__form_submits') }}
),

-- Forms and calls share one join: each join by a computed key lowers the number of rows that DuckDB expects, and with one join
-- more it holds the wide rows in memory (1 million sessions do not fit into 800 MB then).
activities as (
    select
        session_id,
        case when is_chat then 'chat' else 'form' end as kind,
        email
    from {{ ref('int_sessions__assigned_forms') }}
    union all
    -- R19.2: all calls of a session, also those that are not shown.
    select session_id, 'call', null
    from calls
),

session_activities as (
    select
        session_id,
        max(case when kind = 'form' then 1 else 0 end) = 1 as has_form,
        max(case when kind = 'chat' then 1 else 0 end) = 1 as has_chat,
        max(case when kind = 'call' then 1 else 0 end) = 1 as has_call,
        count(email) > 0 as has_email
    from activities
    where session_id is not null
    group by session_id
),

crm_touches as (
    select * from {{ ref('int_crm_touches__touches') }}
),

{% set sessions_join = ('touches.session_id', 'sessions.session_id') -%}
joined as (
    select
        case when touches.session_id is null then calls.touchpoint_id else {{ session_touchpoint_id('touches.session_id') }} end
            as touchpoint_id,
        touches.session_id,
        touches.task_id as crm_task_id,
        calls.activity_object,
        touches.form_id,
        -- R1.7, R2.5: a touch has the date of its session, a separate call its call time.
        case when touches.session_id is null then calls.cookie_id else sessions.cookie_id end as cookie_id,
        case when touches.session_id is null then calls.called_at else sessions.started_at end as touchpoint_date,
        case touches.conversion_kind
            when 'form' then 'Web Form' when 'chat' then 'Web Chat' when 'call' then calls.touchpoint_type else 'Web Visit'
        end as touchpoint_type,
        case touches.conversion_kind
            when 'form' then 'Web Form' when 'chat' then 'Web Chat' when 'call' then calls.marketing_touch_type else 'Web Visit'
        end as marketing_touch_type,
        coalesce(calls.is_type_defaulted, false) as is_type_defaulted,
        touches.conversion_kind is not null as is_conversion,
        {% if variable('call_medium_source') == 'session' -%}
        case when touches.session_id is null then calls.touchpoint_medium else own.session_medium end as medium,
        {%- else -%}
        coalesce(calls.touchpoint_medium, case when touches.session_id is not null then own.session_medium end) as medium,
        {%- endif %}
        case when touches.session_id is not null then own.session_medium end as session_medium,
        case when touches.session_id is null then {{ call_source('calls.activity_object') }} else own.touchpoint_source end as touchpoint_source,
        own.resolved_platform,
        own.utm_campaign,
        case when touches.session_id is not null then own.utm_source end as utm_source,
        shown.channel,
        shown.subchannel,
        shown.channel_path,
        touches.form_submitted_at,
        calls.called_at,
        coalesce(forms.page, {{ url_page('forms.page_raw') }}) as form_page,
        forms.page_raw as form_page_raw,
        coalesce(sessions.visitor_id, sessions.cookie_id) as visitor_id,
        coalesce(sessions.is_first_session, false) as is_first_session,
        coalesce(sessions.has_form, false) or coalesce(session_activities.has_form, false) as has_form,
        coalesce(sessions.has_chat, false) or coalesce(session_activities.has_chat, false) as has_chat,
        coalesce(sessions.has_email, false) or coalesce(session_activities.has_email, false) as has_email,
        coalesce(sessions.has_crm_activity, false) or coalesce(session_activities.has_call, false) as has_crm_activity,
        {{ latest_of(['sessions._version_at', 'forms._version_at', 'calls._version_at']) }} as modified_at,
        -- R2.4: the landing page fills what the source leaves empty.
        coalesce(sessions.ad_campaign_name, own.utm_campaign) as ad_campaign_name,
        coalesce(sessions.utm_content, {{ url_value('sessions.raw_utm_content') }}) as ad_content,
        coalesce(
            sessions.keyword_text,
            case when own.is_paid_search_click then {{ url_value('sessions.raw_bk') }} end,
            sessions.utm_term,
            {{ url_value('sessions.raw_utm_term') }},
            {{ url_value('sessions.raw_bk') }}
        ) as keyword_text,
        {{ select_session_columns('sessions', except=filled + ['utm_content']) | indent(4) }}
    from touches
    left join sessions on touches.session_id = sessions.session_id
    left join calls on {{ key_after_join('touches.task_id', *sessions_join) }} = calls.task_id
    left join forms on {{ key_after_join('touches.form_id', *sessions_join) }} = forms.form_id
    left join session_activities on {{ key_after_join('touches.session_id', *sessions_join) }} = session_activities.session_id
    inner join channels as own on {{ key_after_join('touches.channel_input_key', *sessions_join) }} = own.channel_input_key
    inner join channels as shown on {{ key_after_join('touches.shown_channel_input_key', *sessions_join) }} = shown.channel_input_key
)

select
    touchpoint_id,
    session_id,
    crm_task_id,
    cast(null as string) as campaign_member_id,
    cast(null as string) as crm_activity_id,
    activity_object,
    form_id,
    cookie_id,
    visitor_id,
    touchpoint_date,
    touchpoint_type,
    marketing_touch_type,
    is_type_defaulted,
    is_conversion,
    medium,
    session_medium,
    touchpoint_source,
    channel,
    subchannel,
    channel_path,
    channel_path || ' [Bizible]' as crm_campaign,
    form_submitted_at,
    called_at,
    modified_at,
    form_page,
    form_page_raw,
    ad_content,
    utm_campaign,
    utm_source,
    -- Without a platform, the id is the marked value itself.
    coalesce(ad_campaign_id, case when resolved_platform is null then '__GAId__' || ad_campaign_name end)
        as ad_campaign_id,
    coalesce(ad_id, case when resolved_platform is null then '__GAId__' || ad_content end) as ad_id,
    coalesce(keyword_id, case when resolved_platform is null then '__GAId__' || keyword_text end) as keyword_id,
    {{ select_session_columns('joined', except=['ad_campaign_id', 'ad_id', 'keyword_id', 'utm_content']) }}
from joined
union all
select
    touchpoint_id,
    null as session_id,
    null as crm_task_id,
    campaign_member_id,
    crm_activity_id,
    activity_object,
    null as form_id,
    null as cookie_id,
    null as visitor_id,
    touchpoint_date,
    touchpoint_type,
    marketing_touch_type,
    is_type_defaulted,
    true as is_conversion,
    medium,
    null as session_medium,
    marketing_touch_type as touchpoint_source,
    channel,
    subchannel,
    channel_path,
    crm_campaign,
    null as form_submitted_at,
    null as called_at,
    modified_at,
    null as form_page,
    null as form_page_raw,
    ad_content,
    null as utm_campaign,
    null as utm_source,
    ad_campaign_id,
    crm_activity_id as ad_id,
    null as keyword_id,
    {{ select_known_session_columns(
        {'is_first_session': 'false', 'has_form': 'false', 'has_chat': 'false', 'has_email': 'false', 'has_crm_activity': 'false',
            'ad_campaign_name': 'ad_campaign_name'},
        except=['ad_campaign_id', 'ad_id', 'keyword_id', 'utm_content']) }}
from crm_touches
