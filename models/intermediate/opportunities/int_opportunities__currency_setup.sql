{{ config(
    materialized='global_table' if target.type in ('duckdb', 'spark') else 'table',
    meta={'change': 'Currency tables landed for the first time, all their rows were deleted, or the corporate currency changed.'}
) }}

with currency_types as (
    select
        currency_code,
        is_corporate
    from {{ ref('stg_salesforce__currency_types') }}
    where not is_deleted
),

dated_rates as (
    select conversion_rate_id from {{ ref('stg_salesforce__dated_conversion_rates') }} where not is_deleted
)

select
    -- R8.5: without either table the org has one currency.
    (select count(*) from currency_types) + (select count(*) from dated_rates) > 0 as has_currencies,
    -- R17.3; Salesforce has one corporate currency. If an export has two, the result must still be the same every time.
    (select min(currency_code) from currency_types where is_corporate) as corporate_currency_code
