-- One row per tracked call and address of the live Lead or Contact that its WhoId names (R5.1, R5.2).
select
    calls.task_id,
    calls.cookie_id,
    calls.called_at,
    addresses.email
from {{ ref('int_touchpoints__verdicts') }} as calls
inner join {{ ref('int_identity__crm_records') }} as named on calls.who_id = named.crm_id
inner join {{ ref('int_identity__emails') }} as addresses on named.record_id = addresses.record_id
where calls.is_tracked
