-- Later models join on cookie_key: a hundred million comparisons of integers instead of texts of 32 characters.
-- A touch of R11 or R12 has no cookie: the record that it belongs to takes the place of one, and nothing downstream differs.
with cookies as (
    select distinct
        cookie_id,
        cast(null as string) as owner_id
    from {{ ref('int_identity__cookies') }}
    union all
    select distinct
        cast(null as string),
        record_id
    from {{ ref('int_crm_touches__touches') }}
)

select
    cookie_id,
    owner_id,
    row_number() over (order by cookie_id, owner_id) as cookie_key
from cookies
