-- One row per Task that arrived since the last build and cookie that it has or had.
{% call scope_of(['task_id', 'cookie_id']) %}
    select
        task_id,
        bizible_id as cookie_id
    from {{ ref('stg_salesforce__tasks') }} as tasks
    where {{ is_new('tasks') }}
    union all
    select
        before.task_id,
        before.cookie_id
    from {{ last_build('int_calls__tasks') }} as before
    inner join {{ ref('stg_salesforce__tasks') }} as tasks
        on before.task_id = tasks.task_id
        and {{ is_new('tasks') }}
{% endcall %}
