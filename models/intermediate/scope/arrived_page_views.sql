-- One row per page view that arrived since the last build, cookie and named session that it has or had.
{% call scope_of(['page_view_id', 'cookie_id', 'session_id']) %}
    select
        page_view_id,
        cookie_id,
        session_id
    from {{ ref('stg_web__page_views') }} as page_views
    where {{ is_new('page_views') }}
    union all
    select
        before.page_view_id,
        before.cookie_id,
        before.session_id
    from {{ last_build('int_page_views__keys') }} as before
    inner join {{ ref('stg_web__page_views') }} as page_views
        on before.page_view_id = page_views.page_view_id
        and {{ is_new('page_views') }}
{% endcall %}
