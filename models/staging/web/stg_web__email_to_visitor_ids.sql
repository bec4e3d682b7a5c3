select
    _row_key as mapping_id,
    lower(EMAIL) as email,
    {{ normalise_cookie('VISITOR_ID') }} as visitor_id,
    coalesce({{ parse_timestamp('CREATED_DATE') }}, {{ parse_timestamp('_CREATED_DATE') }}) as created_at,
    _is_deleted as is_deleted,
    {{ parse_timestamp('MODIFIED_DATE') }} as modified_at,
    {{ parse_boolean('IS_IGNORE') }} as is_ignored,
    {{ parse_timestamp('_CREATED_DATE') }} as exported_at,
    {{ parse_timestamp('_MODIFIED_DATE') }} as export_modified_at,
    {{ parse_timestamp('_DELETED_DATE') }} as export_deleted_at,
    _version_at,
    _loaded_at,
    _load_id
from {{ web_rows('email_to_visitor_ids') }}
