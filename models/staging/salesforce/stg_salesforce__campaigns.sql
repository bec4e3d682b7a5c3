select
    _row_key as campaign_id,
    Name as campaign_name,
    Type as campaign_type,
    Status as status,
    {{ parse_date('StartDate') }} as starts_on,
    {{ parse_date('EndDate') }} as ends_on,
    {{ parse_timestamp('CreatedDate') }} as created_at,
    {{ parse_timestamp('LastModifiedDate') }} as modified_at,
    _is_deleted as is_deleted,
    _version_at,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'Campaign') }}
