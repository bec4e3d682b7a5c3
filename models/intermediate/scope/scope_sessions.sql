-- One row per session, as it was and as it is, that is computed again: those of the scope's cookies, and, since they
-- may have no cookie, those that arrived or are named by what arrived.
{% call scope_of(['session_id']) %}
    select session_id from {{ ref('arrived_sessions') }}
    union all
    select session_id from {{ ref('arrived_page_views') }}
    union all
    select session_id from {{ ref('arrived_forms') }}
    union all
    select session_id
    from {{ ref('int_visits__source_sessions') }}
    where {{ in_scope('cookies', 'cookie_id') }}
    union all
    select session_id
    from {{ last_build('int_sessions__derived') }}
    where {{ in_scope('cookies', 'cookie_id') }}
    union all
    select session_id from {{ ref('int_sessions__events') }}
{% endcall %}
