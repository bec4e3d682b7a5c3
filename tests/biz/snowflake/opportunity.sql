-- The attribution touchpoints of one opportunity with their stages and W-shaped revenue.
select
    credits.touchpoint_date,
    credits.channel,
    listagg(transitions.stage, ', ') within group (order by transitions.rank) as stages,
    max(deals.amount * credits.w_shape_percentage / 100)::number(38, 2) as w_shaped_revenue
from biz_attribution_touchpoints as credits
inner join biz_opportunities as deals on credits.opportunity_id = deals.id
left join biz_opp_stage_transitions as transitions on credits.id = transitions.touchpoint_id
    and transitions.is_non_transitional = false
where deals.name = 'Freezers'
group by credits.id, credits.touchpoint_date, credits.channel
order by credits.touchpoint_date
