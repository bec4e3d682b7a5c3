-- One row per session that arrived since the last build and cookie that it has or had.
{% call scope_of(['session_id', 'cookie_id']) %}
    select
        session_id,
        cookie_id
    from {{ ref('stg_web__sessions') }} as sessions
    where {{ is_new('sessions') }}
    union all
    select
        before.session_id,
        before.cookie_id
    from {{ last_build('int_given_sessions__parsed') }} as before
    inner join {{ ref('stg_web__sessions') }} as sessions
        on before.session_id = sessions.session_id
        and {{ is_new('sessions') }}
{% endcall %}
