{{ config(meta={'groups': ['month', 'channel', 'channel_path']}) }}

with calls as (
    {{ call_facts(ref) }}
)

select
    month,
    channel,
    channel_path,
    {{ call_measures() }}
from calls
group by month, channel, channel_path
