with rates as (
    select
        conversion_rate_id,
        currency_code,
        conversion_rate,
        starts_on,
        next_starts_on,
        created_at,
        modified_at,
        is_deleted,
        _version_at
    from {{ ref('stg_salesforce__dated_conversion_rates') }}
    union all
    select
        currency_type_id,
        currency_code,
        conversion_rate,
        null,
        null,
        created_at,
        modified_at,
        is_deleted,
        _version_at
    from {{ ref('stg_salesforce__currency_types') }}
    where currency_code is not null
)

select
    {{ biz_columns({
        'ID': row_key('conversion_rate_id'),
        'CURRENCY_ID': currency_number('currency_code'),
        'SOURCE_ISO_CODE': 'currency_code',
        'START_DATE': 'starts_on',
        'END_DATE': 'next_starts_on',
        'CONVERSION_RATE': 'conversion_rate',
        'CREATED_DATE': 'created_at',
        'MODIFIED_DATE': 'coalesce(modified_at, _version_at, created_at)',
        'IS_DELETED': 'is_deleted',
        '_DELETED_DATE': deleted_at('is_deleted', ['_version_at', 'modified_at', 'created_at']),
    }) }}
from rates
