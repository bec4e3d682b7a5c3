-- One row per group and touch that holds a position on one of its opportunities: the Contact it is shown with (R7.2):
-- whom the call's Task names, else the one whose address the form gave, else the smallest id.
with held as (
    select distinct
        group_id,
        touchpoint_id
    from {{ ref('int_credit__touches') }}
    where scenario = 'base'
),

touches as (
    select
        held.group_id,
        held.touchpoint_id,
        touches.cookie_number,
        touches.task_id
    from held
    inner join {{ ref('int_journeys__touches') }} as touches on held.touchpoint_id = touches.touchpoint_id
),

sharing as (
    select
        touches.group_id,
        touches.touchpoint_id,
        contacts.record_id
    from touches
    inner join {{ ref('int_journeys__record_cookies') }} as cookies on touches.cookie_number = cookies.cookie_number
    inner join {{ ref('int_opportunities__contacts') }} as contacts
        on touches.group_id = contacts.group_id
        and cookies.record_id = contacts.record_id
    where touches.task_id is null
    union all
    select
        touches.group_id,
        touches.touchpoint_id,
        contacts.record_id
    from touches
    inner join {{ ref('int_journeys__record_calls') }} as calls on touches.task_id = calls.task_id
    inner join {{ ref('int_opportunities__contacts') }} as contacts
        on touches.group_id = contacts.group_id
        and calls.record_id = contacts.record_id
),

-- Only conversions name or give anybody.
conversions as (
    select
        touchpoints.touchpoint_id,
        named.record_id as named_record_id,
        forms.email
    from {{ ref('fct_touchpoints') }} as touchpoints
    left join {{ ref('int_touchpoints__verdicts') }} as calls on touchpoints.crm_task_id = calls.task_id
    left join {{ ref('int_identity__crm_records') }} as named on calls.who_id = named.crm_id
    left join {{ ref('int_sessions__assigned_forms') }} as forms on touchpoints.form_id = forms.form_id
    where touchpoints.is_conversion
)

select
    sharing.group_id,
    sharing.touchpoint_id,
    substr(
        min(
            case
                when conversions.named_record_id = sharing.record_id then '1'
                when addresses.record_id is not null then '2'
                else '3'
            end || sharing.record_id
        ), 2
    ) as contact_id
from sharing
left join conversions on sharing.touchpoint_id = conversions.touchpoint_id
left join {{ ref('int_identity__emails') }} as addresses
    on sharing.record_id = addresses.record_id
    and conversions.email = addresses.email
group by sharing.group_id, sharing.touchpoint_id
