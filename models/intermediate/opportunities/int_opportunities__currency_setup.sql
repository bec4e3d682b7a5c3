{{ config(
    materialized='global_table' if target.type in ('duckdb', 'spark') else 'table',
    meta={'change': 'Currency tables landed for the first time, or all their rows were deleted.'}
) }}

-- R8.5: without either table the org has one currency.
with currency_types as (
    select currency_type_id from {{ ref('stg_salesforce__currency_types') }} where not is_deleted
),

dated_rates as (
    select conversion_rate_id from {{ ref('stg_salesforce__dated_conversion_rates') }} where not is_deleted
)

select (select count(*) from currency_types) + (select count(*) from dated_rates) > 0 as has_currencies
