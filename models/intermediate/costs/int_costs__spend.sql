-- R16.2: an entry is a campaign, a subchannel or a channel; subchannels and channels without an entry exist for their children.
with entries as (
    select
        month,
        coalesce(currency_code, '') as currency,
        channel,
        subchannel,
        campaign,
        campaign_id,
        campaign_name,
        cost_micro,
        case when campaign is not null then 'campaign' when subchannel is not null then 'subchannel' else 'channel' end as level
    from {{ ref('int_costs__entries') }}
),

subchannel_parts as (
    select
        month,
        currency,
        channel,
        subchannel,
        case when level = 'subchannel' then cost_micro end as own_micro,
        case when level = 'campaign' then cost_micro end as child_micro
    from entries
    where subchannel is not null
),

subchannels as (
    select
        month,
        currency,
        channel,
        subchannel,
        sum(own_micro) as own_micro,
        sum(child_micro) as children_micro
    from subchannel_parts
    group by month, currency, channel, subchannel
),

channel_parts as (
    select
        month,
        currency,
        channel,
        case when level = 'channel' then cost_micro end as own_micro,
        case when level = 'campaign' then cost_micro end as child_micro
    from entries
    where subchannel is null
    union all
    select
        month,
        currency,
        channel,
        null,
        {{ greater('coalesce(own_micro, 0)', 'children_micro') }}
    from subchannels
),

channels as (
    select
        month,
        currency,
        channel,
        sum(own_micro) as own_micro,
        sum(child_micro) as children_micro
    from channel_parts
    group by month, currency, channel
),

levels as (
    select
        level,
        month,
        currency,
        channel,
        subchannel,
        campaign,
        campaign_id,
        campaign_name,
        cost_micro as own_micro,
        null as children_micro
    from entries
    where level = 'campaign'
    union all
    select
        'subchannel',
        month,
        currency,
        channel,
        subchannel,
        null,
        null,
        null,
        own_micro,
        children_micro
    from subchannels
    union all
    select
        'channel',
        month,
        currency,
        channel,
        null,
        null,
        null,
        null,
        own_micro,
        children_micro
    from channels
)

select
    level,
    month,
    nullif(currency, '') as currency_code,
    channel,
    subchannel,
    campaign,
    campaign_id,
    campaign_name,
    cast(own_micro as bigint) as own_micro,
    cast(children_micro as bigint) as children_micro,
    -- Children that cost less than their parent get a further child for the rest.
    own_micro > children_micro as has_rest,
    cast(case when children_micro is null then own_micro when own_micro > children_micro then own_micro - children_micro end as bigint)
        as leaf_micro
from levels
