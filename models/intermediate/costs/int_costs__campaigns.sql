-- R16.4: Campaigns of the CRM with a cost and a period.
with campaigns as (
    select
        campaign_id,
        campaign_name,
        currency_code,
        starts_on,
        ends_on,
        actual_cost
    from {{ ref('stg_salesforce__campaigns') }}
    where not is_deleted
        and actual_cost > 0
        and actual_cost < {{ largest_cost() }}
        and starts_on <= ends_on
),

synced_campaigns as (
    select
        campaign_id,
        channel,
        subchannel
    from {{ ref('int_crm_rules__campaigns') }}
    where is_synced
),

currency_setup as (
    select corporate_currency_code
    from {{ ref('int_opportunities__currency_setup') }}
)

select
    campaigns.campaign_id,
    campaigns.campaign_name,
    synced_campaigns.channel,
    synced_campaigns.subchannel,
    coalesce(campaigns.currency_code, currency_setup.corporate_currency_code) as currency_code,
    campaigns.starts_on,
    {{ days_between('campaigns.starts_on', 'campaigns.ends_on') }} + 1 as days,
    -- The years 1 to 9999 once made 3,652,059 rows of one Campaign: 205 s and 722 MB.
    {{ days_between('campaigns.starts_on', 'campaigns.ends_on') }} >= {{ longest_campaign() }} as is_too_long,
    {{ micros('campaigns.actual_cost') }} as cost_micro
from campaigns
inner join synced_campaigns on campaigns.campaign_id = synced_campaigns.campaign_id
cross join currency_setup
