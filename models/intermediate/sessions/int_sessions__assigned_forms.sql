with forms as (
    select
        forms.form_id,
        coalesce(forms.cookie_id, named.cookie_id) as cookie_id,
        forms.email,
        forms.submitted_at,
        forms.is_chat,
        named.session_id as named_session_id,
        named.cookie_id as named_cookie_id,
        named.started_at as named_started_at
    from {{ ref('stg_web__form_submits') }} as forms
    left join {{ ref('int_sessions__keys') }} as named on forms.session_id = named.session_id
    where not forms.is_deleted
        and forms.submitted_at is not null
),

events as (
    select
        form_id as event_id,
        cookie_id,
        submitted_at as event_at
    from forms
    where named_session_id is null
        and cookie_id is not null
),

windows as (
    select
        'session-' || sessions.session_id as window_id,
        sessions.session_id,
        sessions.cookie_id,
        sessions.started_at,
        sessions.started_at as opens_at,
        {{ add_minutes(greater('sessions.started_at', 'page_activity.last_activity_at'),
            variable('session_timeout_minutes')) }} as closes_at,
        cast(null as string) as opener_id
    from {{ ref('int_sessions__keys') }} as sessions
    left join {{ ref('int_sessions__page_activity') }} as page_activity
        on sessions.session_id = page_activity.session_id
    where sessions.cookie_id in (select cookie_id from events)
    union all
    -- A form that names its session keeps it open from its own time on.
    select
        'form-' || form_id,
        named_session_id,
        named_cookie_id,
        named_started_at,
        submitted_at,
        {{ add_minutes('submitted_at', variable('session_timeout_minutes')) }},
        form_id
    from forms
    where named_session_id is not null
        and named_cookie_id in (select cookie_id from events)
        and named_started_at <= submitted_at
),

assigned as (
    {{ assign_to_sessions('events', 'windows') | indent(4) }}
)

select
    forms.form_id,
    forms.cookie_id,
    coalesce(forms.named_session_id, assigned.session_id) as session_id,
    forms.email,
    forms.submitted_at,
    forms.is_chat,
    not forms.is_chat or forms.email is not null as is_conversion
from forms
left join assigned on forms.form_id = assigned.event_id
