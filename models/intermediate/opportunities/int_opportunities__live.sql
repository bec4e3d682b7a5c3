with live as (
    select * from {{ ref('stg_salesforce__opportunities') }} where not is_deleted
),

currency_types as (
    select * from {{ ref('stg_salesforce__currency_types') }} where not is_deleted
),

dated_rates as (
    select * from {{ ref('stg_salesforce__dated_conversion_rates') }} where not is_deleted
),

currency_setup as (
    select
        has_currencies,
        corporate_currency_code
    from {{ ref('int_opportunities__currency_setup') }}
),

opportunities as (
    select
        live.opportunity_id,
        live.account_id,
        live.created_at,
        live.close_date,
        live.is_closed,
        live.is_won,
        live.amount,
        live.amount_source,
        -- R17.3
        coalesce(live.currency_code, currency_setup.corporate_currency_code) as currency_code,
        currency_setup.has_currencies,
        currency_setup.corporate_currency_code
    from live
    cross join currency_setup
),

{{ rated_ctes('opportunities', 'opportunity_id', 'close_date') }},

-- R8.3: rounded half up by absolute value, in integers, because amount and rate have twelve decimals.
converted as (
    select
        *,
        -- A larger amount is a typing error and counts as no amount: sums would overflow DECIMAL(18,2).
        case when abs(amount) < 100000000000000 and conversion_rate < 100000000000000 then {{ integer_divide(
            '200 * ' ~ big_integer('abs(amount) * 1000000000000') ~ ' + ' ~ big_integer('conversion_rate * 1000000000000'),
            '2 * ' ~ big_integer('conversion_rate * 1000000000000')) }} end as absolute_cents
    from rated
)

select
    opportunity_id,
    account_id,
    {{ 'account_id' if variable('attribution_mapping') == 'account' else 'opportunity_id' }} as buying_group_id,
    created_at,
    close_date,
    -- R7.2: touches on the close date count.
    case when is_closed then {{ add_minutes('cast(close_date as timestamp)', 1440) }} end as closes_before,
    is_closed,
    is_won,
    case when absolute_cents < 1000000000000000
        then cast(absolute_cents as bigint) * case when amount < 0 then -1 else 1 end end as amount_cents,
    amount as source_amount,
    amount_source,
    currency_code,
    amount is not null and conversion_rate is null as is_rate_missing
from converted
