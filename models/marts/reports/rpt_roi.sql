-- R16.8
{%- set measures = ['cost_micro'] + result_measures() %}
with models as (
    select distinct model from {{ ref('int_credit__weights') }}
),

costs as (
    select
        {{ month_of('cost_date') }} as month,
        channel_path,
        {{ or_none('campaign_name') }} as campaign_name,
        cast(sum(cost) * 1000000 as bigint) as cost_micro
    from {{ ref('fct_costs') }}
    where cost is not null
    group by {{ month_of('cost_date') }}, channel_path, {{ or_none('campaign_name') }}
),

facts as (
    select
        costs.month,
        costs.channel_path,
        costs.campaign_name,
        models.model,
        costs.cost_micro
        {%- for measure in result_measures() %},
        0 as {{ measure }}
        {%- endfor %}
    from costs
    cross join models
    union all
    select
        month,
        channel_path,
        campaign_name,
        model,
        0 as cost_micro,
        {{ result_measures() | join(',\n        ') }}
    from {{ ref('feed_roi_results') }}
),

totals as (
    select
        month,
        channel_path,
        campaign_name,
        model
        {%- for measure in measures %},
        sum({{ measure }}) as {{ measure }}
        {%- endfor %}
    from facts
    group by month, channel_path, campaign_name, model
)

select
    month,
    {{ path_channel('channel_path') }} as channel,
    {{ path_subchannel('channel_path') }} as subchannel,
    channel_path,
    campaign_name,
    model,
    {{ rounded_quotient('cost_micro', '1000000', 2) }} as cost,
    {{ as_money('attributed_cents') }} as attributed_revenue,
    {{ as_money('realized_cents') }} as realized_attributed_revenue,
    {{ as_money('pipeline_cents') }} as unrealized_pipeline_revenue,
    {{ rounded_quotient('leads_hundredths', '100', 6) }} as new_leads,
    {{ rounded_quotient('opportunity_units', '100000000000000', 6) }} as new_opportunities,
    {{ rounded_quotient('deal_units', '100000000000000', 6) }} as deals,
    {{ rounded_quotient('attributed_cents * 10000', 'cost_micro', 6) }} as simple_roi,
    {{ rounded_quotient('realized_cents * 10000', 'cost_micro', 6) }} as realized_roi,
    {{ rounded_quotient('cost_micro', 'leads_hundredths * 10000', 2) }} as cost_per_new_lead,
    {{ rounded_quotient(big_integer('cost_micro') ~ ' * 100000000', 'opportunity_units', 2) }} as cost_per_new_opportunity,
    {{ rounded_quotient(big_integer('cost_micro') ~ ' * 100000000', 'deal_units', 2) }} as cost_per_deal
from totals
where {{ measures | join(' <> 0 or ') }} <> 0
