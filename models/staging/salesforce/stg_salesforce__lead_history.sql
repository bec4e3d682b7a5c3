select
    _row_key as history_id,
    {{ salesforce_id('LeadId') }} as lead_id,
    Field as field,
    OldValue as old_value,
    NewValue as new_value,
    {{ parse_timestamp('CreatedDate') }} as created_at,
    _is_deleted as is_deleted,
    _version_at,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'LeadHistory') }}
