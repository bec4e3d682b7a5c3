with calls as (
    select
        task_id,
        cookie_id,
        called_at,
        who_id
    from {{ ref('int_touchpoints__verdicts') }}
    where is_counted
),

crm_records as (
    select
        crm_id,
        record_id
    from {{ ref('int_identity__crm_records') }}
),

emails as (
    select
        record_id,
        email
    from {{ ref('int_identity__emails') }}
)

select
    calls.task_id,
    calls.cookie_id,
    calls.called_at,
    emails.email
from calls
inner join crm_records on calls.who_id = crm_records.crm_id
inner join emails on crm_records.record_id = emails.record_id
