{%- set columns = biz_touch_columns() %}
{%- do columns.update({
    'ID': 'touches.session_id',
    'VISITOR_ID': "'v_' || touches.visitor_id",
    'COOKIE_ID': 'touches.cookie_id',
    'EVENT_DATE': 'touches.touchpoint_date',
    'MODIFIED_DATE': 'coalesce(touches.modified_at, touches.touchpoint_date)',
    'IS_FIRST_SESSION': 'touches.is_first_session',
    'PAGE_TITLE': 'touches.page_title',
    'REFERRER_NAME': 'touches.referrer_name',
    'HAS_FORM': 'touches.has_form',
    'HAS_CHAT': 'touches.has_chat',
    'HAS_EMAIL': 'touches.has_email',
    'HAS_CRM_ACTIVITY': 'touches.has_crm_activity',
    'DEVICE': 'touches.device',
    'CAMPAIGN': 'touches.utm_campaign',
    'SOURCE': 'touches.utm_source',
    'MEDIUM': 'touches.session_medium',
    'TERM': 'touches.utm_term',
    'CONTENT': 'touches.ad_content',
    'ISP_NAME': 'touches.isp_name',
    'IP_ADDRESS': 'touches.ip_address',
    '_CREATED_DATE': 'touches.exported_at',
    '_MODIFIED_DATE': 'touches.export_modified_at',
}) %}

-- Without the CTE, DuckDB 2.0 shows the old name of a column that is renamed only in case.
with named as (
    select
        {{ biz_columns(columns) }}
    from {{ in_marts(ref('fct_touchpoints')) }} as touches
    where touches.session_id is not null
)

select * from named
