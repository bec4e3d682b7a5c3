select
    _row_key as account_id,
    Name as account_name,
    {{ without_user_info('Website') }} as website,
    Industry as industry,
    BillingCountry as country,
    {{ parse_number('NumberOfEmployees') }} as employees,
    {{ parse_timestamp('CreatedDate') }} as created_at,
    {{ parse_timestamp('LastModifiedDate') }} as modified_at,
    _is_deleted as is_deleted,
    _version_at,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'Account') }}
