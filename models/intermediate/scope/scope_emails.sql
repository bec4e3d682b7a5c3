-- One row per address whose touches are computed again (R5): it has one of the scope's cookies, or its cookies or calls
-- changed. A cookie that becomes known is such a change, and brings its whole past along.
{% call scope_of(['email']) %}
    select email
    from {{ ref('int_identity__cookies') }}
    where {{ in_scope('cookies', 'cookie_id') }}
    union all
    select email
    from {{ changed_rows('int_identity__cookies', 'email, cookie_id, known_by, is_known_without_calls') }} as changed
    union all
    select email
    from {{ changed_rows('int_identity__call_owners', 'task_id, email') }} as changed
{% endcall %}
