with contacts as (
    select
        contact_id,
        email,
        bizible_id,
        account_id,
        created_at
    from {{ ref('stg_salesforce__contacts') }}
    where not is_deleted
),

leads as (
    select
        lead_id,
        converted_contact_id,
        email,
        bizible_id,
        created_at
    from {{ ref('stg_salesforce__leads') }}
    where not is_deleted
)

select
    contact_id as crm_id,
    contact_id as record_id,
    false as is_lead,
    email,
    bizible_id,
    account_id,
    created_at
from contacts
union all
select
    leads.lead_id,
    coalesce(contacts.contact_id, leads.lead_id),
    true,
    leads.email,
    leads.bizible_id,
    null,
    leads.created_at
from leads
left join contacts on leads.converted_contact_id = contacts.contact_id
