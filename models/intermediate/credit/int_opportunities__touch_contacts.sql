-- One row per group and touch that holds a position on one of its opportunities: the Contact it is shown with (R7.2):
-- whom the call's Task names, else the one whose address the form gave, else the smallest id.
with held as (
    select distinct
        opportunities.group_id,
        {{ ordered_touchpoint('positions.touch_order') }} as touchpoint_id
    from {{ ref('int_opportunities__positions') }} as positions
    inner join {{ ref('int_opportunities') }} as opportunities on positions.opportunity_id = opportunities.opportunity_id
    where positions.scenario = 'base'
),

touches as (
    select
        held.group_id,
        held.touchpoint_id,
        touchpoints.session_id,
        touchpoints.cookie_id,
        touchpoints.crm_task_id,
        named.record_id as named_record_id,
        forms.email
    from held
    inner join {{ ref('int_touchpoints') }} as touchpoints on held.touchpoint_id = touchpoints.touchpoint_id
    left join {{ ref('int_calls__verdicts') }} as calls on touchpoints.crm_task_id = calls.task_id
    left join {{ ref('int_people__crm_records') }} as named on calls.who_id = named.crm_id
    left join {{ ref('int_forms__placed') }} as forms on touchpoints.form_id = forms.form_id
),

sharing as (
    select
        touches.group_id,
        touches.touchpoint_id,
        contacts.record_id,
        touches.named_record_id,
        touches.email
    from touches
    inner join {{ ref('int_people__record_cookies') }} as cookies on touches.cookie_id = cookies.cookie_id
    inner join {{ ref('int_opportunities__contacts') }} as contacts
        on touches.group_id = contacts.group_id
        and cookies.record_id = contacts.record_id
    where touches.session_id is not null
    union all
    select
        touches.group_id,
        touches.touchpoint_id,
        contacts.record_id,
        touches.named_record_id,
        touches.email
    from touches
    inner join {{ ref('int_people__record_calls') }} as calls on touches.crm_task_id = calls.task_id
    inner join {{ ref('int_opportunities__contacts') }} as contacts
        on touches.group_id = contacts.group_id
        and calls.record_id = contacts.record_id
    where touches.session_id is null
)

select
    sharing.group_id,
    sharing.touchpoint_id,
    substr(
        min(
            case
                when sharing.named_record_id = sharing.record_id then '1'
                when addresses.record_id is not null then '2'
                else '3'
            end || sharing.record_id
        ), 2
    ) as contact_id
from sharing
left join {{ ref('int_people__addresses') }} as addresses
    on sharing.record_id = addresses.record_id
    and sharing.email = addresses.email
group by sharing.group_id, sharing.touchpoint_id
