with calls as (
    {{ call_facts() }}
)

select
    month,
    channel,
    channel_path,
    {{ call_measures() }}
from calls
group by month, channel, channel_path
