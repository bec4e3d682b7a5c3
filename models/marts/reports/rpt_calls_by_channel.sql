{{ config(meta={'groups': ['channel', 'channel_path']}) }}

with calls as (
    {{ call_facts(ref) }}
)

select
    channel,
    channel_path,
    {{ call_measures() }}
from calls
group by channel, channel_path
