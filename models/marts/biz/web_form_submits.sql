{{ config(meta={'component_key': {'column': 'ID', 'kinds': ['form_submits']}}) }}

with forms as (
    select * from {{ ref('stg_web__form_submits') }}
),

-- R1.9: only live forms are assigned to sessions.
assigned as (
    select * from {{ ref('int_sessions__assigned_forms') }}
)

select
    {{ biz_columns({
        'ID': 'forms.form_id',
        'COOKIE_ID': 'coalesce(assigned.cookie_id, forms.cookie_id)',
        'VISITOR_ID': "'v_' || coalesce(forms.visitor_id, assigned.cookie_id, forms.cookie_id)",
        'SESSION_ID': 'case when forms.is_deleted then forms.session_id else assigned.session_id end',
        'EVENT_DATE': 'forms.submitted_at',
        'MODIFIED_DATE': 'coalesce(forms._version_at, forms.submitted_at)',
        'CURRENT_PAGE': "coalesce(nullif(forms.page, ''), " ~ url_page('forms.page_raw') ~ ")",
        'CURRENT_PAGE_RAW': 'forms.page_raw',
        'IP_ADDRESS': 'forms.ip_address',
        'TYPE': "coalesce(forms.event_type, 'FormSubmit')",
        'USER_AGENT_STRING': 'forms.device',
        'CLIENT_SEQUENCE': 'forms.client_sequence',
        'CLIENT_RANDOM': 'forms.client_random',
        'IS_DUPLICATED': 'coalesce(forms.is_duplicated, false)',
        'IS_PROCESSED': 'forms.is_processed',
        'EMAIL': 'forms.email',
        'FORM_TYPE': 'forms.form_type',
        'FORM_SOURCE': 'forms.form_source',
        'FORM_IDENTIFIER': 'forms.form_identifier',
        '_CREATED_DATE': 'forms.exported_at',
        '_MODIFIED_DATE': 'forms.export_modified_at',
        '_DELETED_DATE': deleted_at('forms.is_deleted', ['forms.export_deleted_at', 'forms._version_at']),
    }) }}
from forms
left join assigned on forms.form_id = assigned.form_id
