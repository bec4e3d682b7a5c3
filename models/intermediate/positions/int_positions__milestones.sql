-- One row per scenario and record with touches: its first touch and its lead creation touch (R6.1).
select
    touches.scenario,
    touches.record_id,
    min(touches.touch_number) as first_touch,
    coalesce(
        min(case when touches.is_conversion then touches.touch_number end),
        max(case when touches.touchpoint_date <= records.created_at then touches.touch_number end)
    ) as lead_creation
from {{ ref('int_positions__record_touches') }} as touches
inner join {{ ref('int_identity__records') }} as records on touches.record_id = records.record_id
group by touches.scenario, touches.record_id
