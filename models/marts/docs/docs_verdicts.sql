select
    verdict,
    title,
    outcome,
    condition,
    explanation,
    advice,
    is_for_provider,
    cast(verdict_order as bigint) as verdict_order
from {{ ref('verdicts') }}
