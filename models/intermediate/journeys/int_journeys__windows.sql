-- A run checks the seed before it lands anything (orchestration/lib/build/seed_files.py).
with windows as (
    select distinct cast({{ parse_number('minutes') }} as integer) as minutes
    from {{ ref('windows_minutes') }}
)

select
    row_number() over (order by minutes) as window_number,
    minutes,
    cast(minutes as bigint) * 60000000 as window_us,
    coalesce(lag(cast(minutes as bigint) * 60000000) over (order by minutes), -1) as previous_us
from windows
