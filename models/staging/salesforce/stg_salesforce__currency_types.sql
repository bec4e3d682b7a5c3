select
    _row_key as currency_type_id,
    upper(IsoCode) as currency_code,
    {{ parse_number('ConversionRate') }} as conversion_rate,
    coalesce({{ parse_boolean('IsCorporate') }}, false) as is_corporate,
    {{ parse_boolean('IsActive') }} as is_active,
    {{ parse_number('DecimalPlaces') }} as decimal_places,
    {{ parse_timestamp('CreatedDate') }} as created_at,
    {{ parse_timestamp('LastModifiedDate') }} as modified_at,
    _is_deleted as is_deleted,
    _version_at,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'CurrencyType') }}
