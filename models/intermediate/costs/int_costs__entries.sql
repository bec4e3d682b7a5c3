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

entered as (
    select
        *,
        {{ salesforce_id('campaign_id') }} as full_campaign_id
    from {{ ref('stg_spend__marketing_spend') }}
),

spend as (
    select
        spend.channel,
        spend.subchannel,
        -- The Campaign need not be landed: ids of Salesforce's Campaigns begin with 701. Others, such as those of ad platforms,
        -- are compared as given.
        case when campaigns.campaign_id is not null or substr(spend.campaign_id, 1, 3) = '701'
            then spend.full_campaign_id else spend.campaign_id end as campaign_id,
        coalesce(spend.campaign_name, campaigns.campaign_name) as campaign_name,
        coalesce(spend.currency_code, currency_setup.corporate_currency_code) as currency_code,
        spend.month,
        spend.cost,
        spend._row_key,
        spend._version_at,
        spend._source_file,
        spend._source_revision,
        spend._source_line
    from entered as spend
    cross join currency_setup
    left join campaigns on spend.full_campaign_id = campaigns.campaign_id
),

identified as (
    select
        *,
        coalesce(campaign_id, campaign_name) as campaign
    from spend
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
    from identified
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
