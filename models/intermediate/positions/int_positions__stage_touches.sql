-- One row per scenario, record and Lead stage: the record's last touch at or before the transition (R7.4).
select
    touches.scenario,
    touches.record_id,
    stages.position_name,
    stages.entered_at,
    max(touches.touch_number) as touch_number
from {{ ref('int_opportunities__lead_stages') }} as stages
inner join {{ ref('int_positions__record_touches') }} as touches
    on stages.record_id = touches.record_id
    and touches.touchpoint_date <= stages.entered_at
group by touches.scenario, touches.record_id, stages.position_name, stages.entered_at
