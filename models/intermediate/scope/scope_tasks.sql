-- One row per Task that is judged again: it arrived, or it is of the scope's cookies.
{% call scope_of(['task_id']) %}
    select task_id from {{ ref('arrived_tasks') }}
    union all
    select task_id
    from {{ ref('int_calls__tasks') }}
    where {{ in_scope('cookies', 'cookie_id') }}
{% endcall %}
