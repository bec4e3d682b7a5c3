{%- set columns = biz_person_touch_columns() %}
{%- do columns.update({
    'ID': "people.email || '_' || " ~ touch_source_id('touches.touchpoint_id'),
    'MODIFIED_DATE': 'coalesce(touches.modified_at, touches.touchpoint_date)',
    'EMAIL': 'people.email',
    'SESSION_ID': 'touches.session_id',
    'CAMPAIGN_MEMBER_ID': 'touches.campaign_member_id',
    'CRM_TASK_ID': "case when touches.activity_object = 'Task' then coalesce(touches.crm_task_id, touches.crm_activity_id) end",
    'CRM_EVENT_ID': "case when touches.activity_object = 'Event' then coalesce(touches.crm_task_id, touches.crm_activity_id) end",
}) %}

-- Without the CTE, DuckDB 2.0 shows the old name of a column that is renamed only in case.
with named as (
    select
        {{ biz_columns(columns) }}
    from {{ in_marts(ref('fct_person_touchpoints')) }} as people
    inner join {{ in_marts(ref('fct_touchpoints')) }} as touches on people.touchpoint_id = touches.touchpoint_id
)

select * from named
