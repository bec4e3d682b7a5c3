-- One row per live session, under Marketo Measure's names.
{%- set columns = biz_touch_columns() %}
{%- do columns.update({
    'ID': 'touches.session_id',
    'VISITOR_ID': "'v_' || details.visitor_id",
    'COOKIE_ID': 'touches.cookie_id',
    'EVENT_DATE': 'touches.touchpoint_date',
    'MODIFIED DATE': 'details.modified_at',
    'IS_FIRST_SESSION': 'details.is_first_session',
    'PAGE_TITLE': 'details.page_title',
    'REFERRER_NAME': 'details.referrer_name',
    'HAS_FORM': 'details.has_form',
    'HAS_CHAT': 'details.has_chat',
    'HAS_EMAIL': 'details.has_email',
    'HAS_CRM_ACTIVITY': 'details.has_crm_activity',
    'DEVICE': 'touches.device',
    'CAMPAIGN': 'details.utm_campaign',
    'SOURCE': 'details.utm_source',
    'MEDIUM': 'touches.session_medium',
    'TERM': 'details.utm_term',
    'CONTENT': 'touches.ad_content',
    'ISP_NAME': 'details.isp_name',
    'IP_ADDRESS': 'details.ip_address',
    '_CREATED_DATE': 'details.exported_at',
    '_MODIFIED_DATE': 'details.export_modified_at',
}) %}

-- Without the CTE, DuckDB 2.0 describes a column that only changes its letters' case under its old name.
with named as (
    select
        {{ biz_columns(columns) }}
    from {{ in_marts(ref('fct_touchpoints')) }} as touches
    left join {{ in_marts(ref('touchpoint_details')) }} as details on touches.touchpoint_id = details.touchpoint_id
    where touches.session_id is not null
)

select * from named
