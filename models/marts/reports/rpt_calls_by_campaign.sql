{{ config(meta={'groups': ['channel', 'channel_path', 'campaign_name']}) }}

with calls as (
    {{ call_facts(ref) }}
)

select
    channel,
    channel_path,
    campaign_name,
    {{ call_measures() }}
from calls
group by channel, channel_path, campaign_name
