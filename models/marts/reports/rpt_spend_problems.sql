with entries as (
    select *
    from {{ ref('int_costs__spend') }}
    where own_micro < children_micro
),

costs as (
    select *
    from {{ ref('fct_costs') }}
    where cost is null
),

campaigns as (
    select *
    from {{ ref('int_costs__campaigns') }}
    where is_too_long
)

select
    'below_children' as problem,
    month,
    channel,
    subchannel,
    campaign_id,
    campaign_name,
    currency_code,
    {{ as_cost('own_micro') }} as amount,
    {{ as_cost('children_micro') }} as children_amount
from entries
union all
select
    'no_rate',
    {{ month_of('cost_date') }},
    channel,
    subchannel,
    campaign_id,
    campaign_name,
    currency_code,
    {{ as_cost('sum(cost_micro)') }},
    cast(null as decimal(18, 6))
from costs
group by {{ month_of('cost_date') }}, channel, subchannel, campaign_id, campaign_name, currency_code
union all
select
    'too_many_days',
    {{ month_of('starts_on') }},
    channel,
    subchannel,
    campaign_id,
    campaign_name,
    currency_code,
    {{ as_cost('cost_micro') }},
    cast(null as decimal(18, 6))
from campaigns
