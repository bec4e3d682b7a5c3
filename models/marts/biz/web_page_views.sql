{{ config(meta={'component_key': {'column': 'ID', 'kinds': ['page_views']}}) }}

with page_views as (
    select * from {{ ref('stg_web__page_views') }}
),

-- R4.1: live page views belong to sessions. Deleted rows and rows of another type keep the session that they name.
assigned as (
    select
        page_view_id,
        session_id
    from {{ ref('int_sessions__assigned_page_views') }}
)

select
    {{ biz_columns({
        'ID': 'page_views.page_view_id',
        'COOKIE_ID': 'page_views.cookie_id',
        'VISITOR_ID': "'v_' || coalesce(page_views.visitor_id, page_views.cookie_id)",
        'SESSION_ID': 'case when page_views.is_deleted or not page_views.is_page_view then page_views.session_id else assigned.session_id end',
        'EVENT_DATE': 'page_views.viewed_at',
        'MODIFIED_DATE': 'coalesce(page_views._version_at, page_views.viewed_at)',
        'CURRENT_PAGE': "coalesce(nullif(page_views.page, ''), " ~ url_page('page_views.page_raw') ~ ")",
        'CURRENT_PAGE_RAW': 'page_views.page_raw',
        'IP_ADDRESS': 'page_views.ip_address',
        'TYPE': "coalesce(page_views.event_type, 'PageView')",
        'USER_AGENT_STRING': 'page_views.device',
        'CLIENT_SEQUENCE': 'page_views.client_sequence',
        'CLIENT_RANDOM': 'page_views.client_random',
        'IS_DUPLICATED': 'coalesce(page_views.is_duplicated, false)',
        'IS_PROCESSED': 'page_views.is_processed',
        'REFERRER_PAGE': "coalesce(nullif(page_views.referrer_page, ''), " ~ url_page('page_views.referrer_page_raw') ~ ")",
        'REFERRER_PAGE_RAW': 'page_views.referrer_page_raw',
        'PAGE_TITLE': 'page_views.page_title',
        'EMAIL': 'page_views.email',
        'HAS_USER_CONSENT': 'page_views.has_user_consent',
        '_CREATED_DATE': 'page_views.exported_at',
        '_MODIFIED_DATE': 'page_views.export_modified_at',
        '_DELETED_DATE': deleted_at('page_views.is_deleted', ['page_views.export_deleted_at', 'page_views._version_at']),
    }) }}
from page_views
left join assigned on page_views.page_view_id = assigned.page_view_id
