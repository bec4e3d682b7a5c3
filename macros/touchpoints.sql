{# The ids of the touches of a session and of a separate call (R1.7). #}
{% macro session_touchpoint_id(session_id) -%}
'session-' || {{ session_id }}
{%- endmacro %}

{% macro call_touchpoint_id(task_id) -%}
'task-' || {{ task_id }}
{%- endmacro %}
