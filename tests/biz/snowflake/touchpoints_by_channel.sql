-- Buyer touchpoints of last month by channel and subchannel.
select
    split(channels.name, '.')[0] as channel,
    split(channels.name, '.')[1] as subchannel,
    count(distinct touchpoints.id) as buyer_touchpoints
from biz_user_touchpoints as people
left join biz_touchpoints as touchpoints on people.id = touchpoints.user_touchpoint_id
    and touchpoints._deleted_date is null
left join biz_channels as channels on people.channel = channels.id
where people._deleted_date is null
    and people.touchpoint_date >= add_months(date_trunc('month', to_date('2024-04-15')), -1)
    and people.touchpoint_date < date_trunc('month', to_date('2024-04-15'))
group by 1, 2
having buyer_touchpoints > 0
order by 3 desc, 1, 2
