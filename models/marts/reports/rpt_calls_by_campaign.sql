with calls as (
    {{ call_facts() }}
)

select
    channel,
    channel_path,
    campaign_name,
    {{ call_measures() }}
from calls
group by channel, channel_path, campaign_name
