with days as (
    select * from {{ ref('int_costs__days') }}
),

currency_setup as (
    select
        has_currencies,
        corporate_currency_code
    from {{ ref('int_opportunities__currency_setup') }}
),

currency_types as (
    select * from {{ ref('stg_salesforce__currency_types') }} where not is_deleted
),

dated_rates as (
    select * from {{ ref('stg_salesforce__dated_conversion_rates') }} where not is_deleted
),

-- R16.5: rows of other levels repeat these costs.
ad_costs as (
    select
        ad_cost_id,
        cost_date,
        coalesce(channel_path, 'Other') as channel_path,
        campaign_id,
        campaign_name,
        currency_code,
        cast(round(cost_in_micro, 0) as bigint) as cost_micro
    from {{ ref('stg_spend__ad_costs') }}
    where not is_deleted
        and abs(cost_in_micro) < {{ largest_cost() }} * 1000000
        and case when lower(ad_provider) = 'selfreported' then is_channel_aggregatable else is_campaign_aggregatable end
),

costs as (
    select
        cost_id,
        cost_date,
        cost_source,
        channel,
        subchannel,
        campaign_id,
        campaign_name,
        currency_code,
        cost_micro
    from days
    union all
    select
        'ads-' || ad_costs.ad_cost_id,
        ad_costs.cost_date,
        'ads',
        {{ path_channel('ad_costs.channel_path') }},
        {{ path_subchannel('ad_costs.channel_path') }},
        ad_costs.campaign_id,
        ad_costs.campaign_name,
        coalesce(ad_costs.currency_code, currency_setup.corporate_currency_code),
        ad_costs.cost_micro
    from ad_costs
    cross join currency_setup
),

currency_dates as (
    select distinct
        currency_code,
        cost_date
    from costs
),

currency_days as (
    select
        currency_dates.currency_code,
        currency_dates.cost_date,
        currency_dates.currency_code || cast(currency_dates.cost_date as {{ dbt.type_string() }}) as currency_day,
        currency_setup.has_currencies,
        currency_setup.corporate_currency_code
    from currency_dates
    cross join currency_setup
),

{{ rated_ctes('currency_days', 'currency_day', 'cost_date') }},

-- R16.6: rounded half up by absolute value, in integers, because rates have twelve decimals.
converted as (
    select
        costs.*,
        case when rated.conversion_rate < {{ largest_cost() }} then {{ integer_divide(
            '2 * ' ~ big_integer('abs(costs.cost_micro)') ~ ' * 1000000000000 + ' ~ big_integer('rated.conversion_rate * 1000000000000'),
            '2 * ' ~ big_integer('rated.conversion_rate * 1000000000000')) }} end as absolute_micro
    from costs
    inner join rated
        on costs.cost_date = rated.cost_date
        and coalesce(costs.currency_code, '') = coalesce(rated.currency_code, '')
)

select
    cost_id,
    cost_date,
    cost_source,
    channel,
    subchannel,
    channel || coalesce('.' || subchannel, '') as channel_path,
    campaign_id,
    campaign_name,
    currency_code,
    cost_micro,
    {{ as_cost('case when cost_micro < 0 then -absolute_micro else absolute_micro end') }} as cost
from converted
