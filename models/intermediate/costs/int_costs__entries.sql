-- R16.1: rows of one entry can have several keys: a blank currency is the corporate one, ids have 15 or 18 characters. Landing
-- compares the versions of one key. Here live rows are compared by version time, then position; deleted rows do not take part.
with currency_setup as (
    select corporate_currency_code
    from {{ ref('int_opportunities__currency_setup') }}
),

campaigns as (
    select
        campaign_id,
        campaign_name
    from {{ ref('stg_salesforce__campaigns') }}
),

spend as (
    select
        spend.channel,
        spend.subchannel,
        coalesce(campaigns.campaign_id, spend.campaign_id) as campaign_id,
        coalesce(spend.campaign_name, campaigns.campaign_name) as campaign_name,
        coalesce(campaigns.campaign_id, spend.campaign_id, spend.campaign_name) as campaign,
        coalesce(spend.currency_code, currency_setup.corporate_currency_code) as currency_code,
        spend.month,
        spend.cost,
        spend._row_key,
        spend._version_at,
        spend._source_file,
        spend._source_revision,
        spend._source_line
    from {{ ref('stg_spend__marketing_spend') }} as spend
    cross join currency_setup
    left join campaigns on {{ salesforce_id('spend.campaign_id') }} = campaigns.campaign_id
),

versions as (
    select
        *,
        row_number() over (
            partition by channel, subchannel, campaign, currency_code, month
            order by
                _version_at desc nulls last,
                _source_file desc,
                _source_revision desc,
                _source_line desc,
                _row_key
        ) as version_rank
    from spend
)

-- A blank or zero cost withdraws the entry.
select
    month,
    currency_code,
    channel,
    subchannel,
    campaign,
    campaign_id,
    campaign_name,
    {{ micros('cost') }} as cost_micro
from versions
where version_rank = 1
    and cost > 0
