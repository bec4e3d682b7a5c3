select
    _row_key as conversion_rate_id,
    upper(IsoCode) as currency_code,
    {{ parse_number('ConversionRate') }} as conversion_rate,
    {{ parse_date('StartDate') }} as starts_on,
    {{ parse_date('NextStartDate') }} as next_starts_on,
    {{ parse_timestamp('CreatedDate') }} as created_at,
    {{ parse_timestamp('LastModifiedDate') }} as modified_at,
    _is_deleted as is_deleted,
    _version_at,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'DatedConversionRate') }}
