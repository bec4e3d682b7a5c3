{{ config(meta={'component_key': {'column': 'opportunity_id', 'kinds': ['Opportunity']}}) }}

with opportunities as (
    select
        opportunity_id,
        account_id,
        buying_group_id,
        amount_cents,
        is_won,
        is_closed,
        close_date
    from {{ ref('int_opportunities__live') }}
),

buying_group_contacts as (
    select
        buying_group_id,
        record_id
    from {{ ref('int_opportunities__contacts') }}
),

attributed as (
    select opportunity_id
    from {{ ref('fct_attribution_touchpoints') }}
),

touched as (
    -- Every Contact with touches has a first touch.
    select contact_id as record_id from {{ ref('fct_buyer_touchpoints') }} where is_first_touch
),

contacts as (
    select
        buying_group_contacts.buying_group_id,
        max(case when touched.record_id is not null then 1 else 0 end) as has_touches
    from buying_group_contacts
    left join touched on buying_group_contacts.record_id = touched.record_id
    group by buying_group_contacts.buying_group_id
)

select
    opportunities.opportunity_id,
    opportunities.account_id,
    case
        when opportunities.buying_group_id is null then 'no_account'
        when contacts.buying_group_id is null then 'no_contacts'
        when contacts.has_touches = 0 then 'no_touches'
        else 'touches_after_close_only'
    end as reason,
    {{ as_money('opportunities.amount_cents') }} as amount,
    opportunities.is_won,
    opportunities.is_closed,
    opportunities.close_date
from opportunities
left join contacts on opportunities.buying_group_id = contacts.buying_group_id
where opportunities.opportunity_id not in (select opportunity_id from attributed)
