with crm_records as (
    select
        crm_id,
        record_id,
        is_lead,
        email,
        account_id,
        created_at
    from {{ ref('int_identity__crm_records') }}
)

select
    record_id,
    max(case when is_lead and crm_id = record_id then crm_id end) as lead_id,
    max(case when not is_lead then crm_id end) as contact_id,
    max(account_id) as account_id,
    coalesce(max(case when crm_id = record_id then email end), min(email)) as email,
    min(created_at) as created_at
from crm_records
group by record_id
