-- The journey of one person with the positions of every touch.
select
    people.touchpoint_date,
    people.marketing_touch_type,
    listagg(distinct stages.stage_name, ', ') within group (order by stages.stage_name) as positions
from biz_user_touchpoints as people
left join biz_touchpoints as touchpoints on people.id = touchpoints.user_touchpoint_id
left join biz_lead_stage_transitions as transitions on touchpoints.id = transitions.touchpoint_id
    and transitions.is_pending = false
    and transitions.is_non_transitional = false
left join biz_stage_definitions as stages on transitions.stage_id = stages.id
where people.email = 'anna@acme-customer.test'
    and people._deleted_date is null
group by people.touchpoint_date, people.marketing_touch_type
order by people.touchpoint_date
