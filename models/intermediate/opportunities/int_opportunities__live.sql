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

flat_rates as (
    select
        currency_code,
        max(conversion_rate) as conversion_rate
    from currency_types
    group by currency_code
),

daily_rates as (
    select
        opportunities.opportunity_id,
        dated_rates.conversion_rate,
        -- Ranges should not overlap; if they do, the one that started last counts.
        row_number() over (
            partition by opportunities.opportunity_id order by dated_rates.starts_on desc, dated_rates.conversion_rate_id
        ) as rate_rank
    from opportunities
    inner join dated_rates
        on opportunities.currency_code = dated_rates.currency_code
        and opportunities.close_date >= dated_rates.starts_on
        and (opportunities.close_date < dated_rates.next_starts_on or dated_rates.next_starts_on is null)
),

dated_currencies as (
    select distinct currency_code from dated_rates
),

rated as (
    select
        opportunities.*,
        case
            when not opportunities.has_currencies then 1
            when opportunities.currency_code = opportunities.corporate_currency_code then 1
            {%- if variable('conversion_rates') == 'dated' %}
            -- A currency with dated rates never falls back to its flat one.
            when dated_currencies.currency_code is not null
                then case when daily_rates.conversion_rate > 0 then daily_rates.conversion_rate end
            {%- endif %}
            when flat_rates.conversion_rate > 0 then flat_rates.conversion_rate
        end as conversion_rate
    from opportunities
    left join daily_rates
        on opportunities.opportunity_id = daily_rates.opportunity_id
        and daily_rates.rate_rank = 1
    left join dated_currencies on opportunities.currency_code = dated_currencies.currency_code
    left join flat_rates on opportunities.currency_code = flat_rates.currency_code
),

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
