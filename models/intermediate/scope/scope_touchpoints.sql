-- One row per touchpoint, as it was and as it may be, of the scope's sessions and Tasks.
{% call scope_of(['touchpoint_id']) %}
    select 'session-' || session_id as touchpoint_id from {{ ref('scope_sessions') }}
    union all
    select 'task-' || task_id from {{ ref('scope_tasks') }}
{% endcall %}
