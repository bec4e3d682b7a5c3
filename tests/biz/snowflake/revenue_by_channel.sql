-- Revenue of deals that were won in the month, by channel, in the full path and the W-shaped model.
select
    people.channel,
    sum(ifnull(deals.amount, 0) * credits.full_path_percentage / 100) as full_path_revenue,
    sum(nvl(deals.amount, 0) * credits.w_shape_percentage / 100) as w_shaped_revenue,
    count(distinct iff(deals.amount > 0, deals.id, null)) as deals
from biz_user_touchpoints as people
inner join biz_attribution_touchpoints as credits on people.id = credits.user_touchpoint_id
inner join biz_opportunities as deals on credits.opportunity_id = deals.id
where deals.is_won
    and deals.is_closed
    and deals.close_date between to_date('2024-03-01') and dateadd(day, -1, dateadd(month, 1, to_date('2024-03-01')))
    and deals._deleted_date is null
    and credits._deleted_date is null
group by people.channel
order by full_path_revenue desc, people.channel
