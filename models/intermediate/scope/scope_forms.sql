-- One row per form submit that is placed again: it arrived, it is of the scope's cookies, or it names or was placed in
-- one of the scope's sessions.
{% call scope_of(['form_id']) %}
    select form_id from {{ ref('arrived_forms') }}
    union all
    select form_id
    from {{ last_build('int_sessions__assigned_forms') }}
    where {{ in_scope('sessions', 'session_id') }}
    union all
    select form_id
    from {{ ref('stg_web__form_submits') }}
    where {{ in_scope('cookies', 'cookie_id') }}
        or {{ in_scope('sessions', 'session_id') }}
{% endcall %}
