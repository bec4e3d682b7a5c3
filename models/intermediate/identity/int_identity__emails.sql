with crm_records as (
    select
        record_id,
        email
    from {{ ref('int_identity__crm_records') }}
    where email is not null
)

select distinct
    record_id,
    email
from crm_records
