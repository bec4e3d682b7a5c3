with calls as (
    {{ call_facts() }}
)

select
    channel,
    channel_path,
    {{ call_measures() }}
from calls
group by channel, channel_path
