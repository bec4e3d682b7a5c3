select
    rule,
    title,
    text,
    cast(rule_order as bigint) as rule_order
from {{ ref('rules') }}
