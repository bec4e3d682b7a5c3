with owners as (
    select
        task_id,
        email
    from {{ ref('int_identity__call_owners') }}
),

emails as (
    select
        record_id,
        email
    from {{ ref('int_identity__emails') }}
)

select distinct
    emails.record_id,
    owners.task_id
from owners
inner join emails on owners.email = emails.email
