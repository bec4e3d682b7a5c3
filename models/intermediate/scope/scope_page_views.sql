-- One row per page view whose row in the marts is made again: it arrived, or sessions are made of its cookie's page
-- views.
{% call scope_of(['page_view_id']) %}
    select page_view_id from {{ ref('arrived_page_views') }}
    union all
    select keys.page_view_id
    from {{ ref('int_visits__page_view_keys') }} as keys
    cross join {{ ref('int_visits__session_origin') }} as source_choice
    where not source_choice.uses_given_sessions
        and {{ in_scope('cookies', 'keys.cookie_id') }}
{% endcall %}
