-- Later models join on the number: a hundred million comparisons of integers instead of texts of 32 characters.
with cookies as (
    select distinct cookie_id
    from {{ ref('int_identity__cookies') }}
)

select
    cookie_id,
    row_number() over (order by cookie_id) as cookie_number
from cookies
