-- A tombstone of a currency has no code, and a currency that was deleted and created again has two rows.
with currencies as (
    select
        *,
        row_number() over (
            partition by currency_code
            order by is_deleted, _version_at desc nulls last, currency_type_id
        ) as code_rank
    from {{ ref('stg_salesforce__currency_types') }}
    where currency_code is not null
)

select
    {{ biz_columns({
        'ID': currency_number('currency_code'),
        'ISO_CODE': 'currency_code',
        'IS_CORPORATE': 'is_corporate',
        'IS_ENABLED': 'is_active',
        'MODIFIED_DATE': 'coalesce(modified_at, _version_at, created_at)',
        'MODIFIED_DATE_CRM': 'modified_at',
        'CREATED_DATE': 'created_at',
        'CREATED_DATE_CRM': 'created_at',
        'EXPONENT': 'decimal_places',
        '_DELETED_DATE': deleted_at('is_deleted', ['_version_at', 'modified_at', 'created_at']),
    }) }}
from currencies
where code_rank = 1
