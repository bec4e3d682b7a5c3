{# The ids of the touches of a session, a separate call (R1.7), a campaign member (R11) and an activity (R12). #}
{% macro session_touchpoint_id(session_id) -%}
'session-' || {{ session_id }}
{%- endmacro %}

{% macro call_touchpoint_id(task_id) -%}
'task-' || {{ task_id }}
{%- endmacro %}

{% macro member_touchpoint_id(campaign_member_id) -%}
'member-' || {{ campaign_member_id }}
{%- endmacro %}

{% macro activity_touchpoint_id(activity_id) -%}
'activity-' || {{ activity_id }}
{%- endmacro %}
