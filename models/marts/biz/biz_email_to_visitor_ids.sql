{{ config(meta={'component_key': {'column': 'ID', 'kinds': ['email_to_visitor_ids']}}) }}

select
    {{ biz_columns({
        'ID': 'mapping_id',
        'EMAIL': 'email',
        'VISITOR_ID': "'v_' || visitor_id",
        'MODIFIED_DATE': 'coalesce(modified_at, _version_at, created_at)',
        'CREATED_DATE': 'created_at',
        'IS_DELETED': 'is_deleted',
        'IS_IGNORE': 'coalesce(is_ignored, false)',
        '_CREATED_DATE': 'exported_at',
        '_MODIFIED_DATE': 'export_modified_at',
        '_DELETED_DATE': deleted_at('is_deleted', ['export_deleted_at', '_version_at']),
    }) }}
from {{ ref('stg_web__email_to_visitor_ids') }}
