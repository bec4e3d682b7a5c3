-- One row per cookie whose sessions, forms and calls are computed again, whole: whatever arrived is its, was its, or
-- names a session of its.
-- Ordered after: {{ ref('scope_limit') }}
{% call scope_of(['cookie_id']) %}
    with arrived as (
        select cookie_id from {{ ref('arrived_sessions') }}
        union all
        select cookie_id from {{ ref('arrived_page_views') }}
        union all
        select cookie_id from {{ ref('arrived_forms') }}
        union all
        select cookie_id from {{ ref('arrived_tasks') }}
        union all
        -- Which of several Tasks stands for a call can change by the arrival of another cookie's Task.
        select tasks.cookie_id
        from {{ ref('int_calls__tasks') }} as tasks
        where tasks.task_id in (
            select task_id from {{ changed_rows('int_calls__duplicates', 'task_id, duplicate_of_task_id') }} as changed
        )
    ),

    -- What names a session of another cookie is activity there.
    named as (
        select session_id from {{ ref('arrived_page_views') }}
        union
        select session_id from {{ ref('arrived_forms') }}
    ),

    of_named as (
        select sessions.cookie_id
        from {{ ref('int_visits__source_sessions') }} as sessions
        inner join named on sessions.session_id = named.session_id
        union all
        select sessions.cookie_id
        from {{ last_build('int_sessions__derived') }} as sessions
        inner join named on sessions.session_id = named.session_id
    ),

    touched as (
        select cookie_id from arrived
        union
        select cookie_id from of_named
    ),

    -- And a session that comes, goes or moves takes along what names it. A session made from page views or forms has
    -- the id of one of them.
    changed_sessions as (
        select session_id from {{ ref('arrived_sessions') }}
        union
        select keys.page_view_id
        from {{ ref('int_visits__page_view_keys') }} as keys
        inner join touched on keys.cookie_id = touched.cookie_id
        cross join {{ ref('int_visits__session_origin') }} as source_choice
        where not source_choice.uses_given_sessions
        union
        select page_view_id from {{ ref('arrived_page_views') }}
        union
        select 'form-' || forms.form_id
        from {{ ref('stg_web__form_submits') }} as forms
        inner join touched on forms.cookie_id = touched.cookie_id
        cross join {{ ref('int_visits__session_origin') }} as source_choice
        where not source_choice.uses_given_sessions
        union
        select 'form-' || form_id from {{ ref('arrived_forms') }}
    ),

    naming as (
        select forms.cookie_id
        from {{ ref('stg_web__form_submits') }} as forms
        inner join changed_sessions on forms.session_id = changed_sessions.session_id
        union all
        select keys.cookie_id
        from {{ ref('int_visits__page_view_keys') }} as keys
        inner join changed_sessions on keys.session_id = changed_sessions.session_id
    )

    select cookie_id from touched
    union all
    select cookie_id from naming
{% endcall %}
