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

own_addresses as (
    select
        record_id,
        email
    from {{ ref('int_identity__records') }}
),

-- A record with one address has no other one to show.
several_addresses as (
    select record_id
    from {{ ref('int_identity__emails') }}
    group by record_id
    having count(*) > 1
)

select
    touches.record_id,
    touches.touchpoint_id,
    min(people.email) as email
from touches
inner join several_addresses on touches.record_id = several_addresses.record_id
inner join {{ ref('int_identity__emails') }} as addresses on touches.record_id = addresses.record_id
inner join {{ ref('fct_person_touchpoints') }} as people
    on touches.touchpoint_id = people.touchpoint_id
    and addresses.email = people.email
inner join own_addresses on touches.record_id = own_addresses.record_id
group by touches.record_id, touches.touchpoint_id
having max(case when people.email = own_addresses.email then 1 else 0 end) = 0
