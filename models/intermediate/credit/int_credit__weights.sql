-- A run checks the seed before it lands anything (orchestration/lib/build/seed_files.py).
with seed_rows as (
    select
        {{ trim_text('model') }} as model,
        {{ trim_text('position') }} as position_name,
        {{ parse_number('weight') }} as weight,
        {{ trim_text('until') }} as middle_until,
        {{ trim_text(optional_seed_column(ref('attribution_models'), 'middle')) }} as middle
    from {{ ref('attribution_models') }}
)

select
    model,
    position_name,
    cast(weight * 10000 as bigint) as weight,
    middle_until,
    coalesce(lower(middle) = 'all', false) as has_all_middle_touches
from seed_rows
