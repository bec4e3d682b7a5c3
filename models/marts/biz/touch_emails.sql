{{ config(meta={'component_key': {'column': 'record_id', 'kinds': ['Lead', 'Contact']}}) }}

-- For all other touches, the biz views show the record's own address.
with touches as (
    select
        coalesce(contact_id, lead_id) as record_id,
        touchpoint_id
    from {{ ref('fct_buyer_touchpoints') }}
    union
    select
        contact_id,
        touchpoint_id
    from {{ ref('fct_attribution_touchpoints') }}
    where contact_id is not null
),

-- Null for a Contact whose only addresses are those of its Leads.
own_addresses as (
    select
        record_id,
        email
    from {{ ref('int_identity__crm_records') }}
    where crm_id = record_id
),

-- Most records have no address but their own.
records as (
    select
        own_addresses.record_id,
        own_addresses.email
    from own_addresses
    inner join {{ ref('int_identity__emails') }} as addresses on own_addresses.record_id = addresses.record_id
    group by own_addresses.record_id, own_addresses.email
    having own_addresses.email is null or count(*) > 1
)

select
    touches.record_id,
    touches.touchpoint_id,
    min(people.email) as email
from touches
inner join records on touches.record_id = records.record_id
inner join {{ ref('int_identity__emails') }} as addresses on touches.record_id = addresses.record_id
inner join {{ ref('fct_person_touchpoints') }} as people
    on touches.touchpoint_id = people.touchpoint_id
    and addresses.email = people.email
group by touches.record_id, touches.touchpoint_id
having max(case when people.email = records.email then 1 else 0 end) = 0
