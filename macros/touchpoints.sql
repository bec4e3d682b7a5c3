{# The id of the touch that a session makes, and of the touch that a call makes on its own (R1.7). #}
{% macro session_touchpoint_id(session_id) -%}
'session-' || {{ session_id }}
{%- endmacro %}

{% macro call_touchpoint_id(task_id) -%}
'task-' || {{ task_id }}
{%- endmacro %}
