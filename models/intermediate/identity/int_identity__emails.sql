-- One row per record and e-mail address: a person's touches go to every record with the address (R5.1, R5.2).
select distinct
    record_id,
    email
from {{ ref('int_identity__crm_records') }}
where email is not null
