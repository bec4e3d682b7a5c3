{{ config(meta={'component_key': {'column': 'opportunity_id', 'kinds': ['Opportunity']}}) }}

with touches as (
    select * from {{ ref('int_credit__touches') }} where scenario = 'in_force'
),

opportunities as (
    select
        opportunity_id,
        account_id,
        is_won,
        is_closed,
        close_date,
        amount_source
    from {{ ref('int_opportunities__live') }}
),

contacts as (
    select
        buying_group_id,
        touchpoint_id,
        contact_id
    from {{ ref('int_credit__touch_contacts') }}
)

select
    touches.opportunity_id || '-' || touches.touchpoint_id as attribution_touchpoint_id,
    touches.opportunity_id,
    opportunities.account_id,
    contacts.contact_id,
    touches.touchpoint_id,
    touches.touchpoint_position,
    touches.is_first_touch,
    touches.is_lead_creation_touch,
    touches.is_opportunity_creation_touch,
    touches.is_closed_touch,
    touches.is_pending,
    touches.is_conversion and not (
        touches.is_first_touch
        or touches.is_lead_creation_touch
        or touches.is_opportunity_creation_touch
        or touches.is_closed_touch
        or touches.is_pending
    ) as is_middle_touch,
    opportunities.is_won,
    opportunities.is_closed,
    opportunities.close_date,
    opportunities.amount_source
    {%- for model in attribution_models() %},
    touches.{{ model }}_percentage,
    touches.{{ model }}_revenue
    {%- endfor %}
from touches
inner join opportunities on touches.opportunity_id = opportunities.opportunity_id
left join contacts
    on touches.buying_group_id = contacts.buying_group_id
    and touches.touchpoint_id = contacts.touchpoint_id
