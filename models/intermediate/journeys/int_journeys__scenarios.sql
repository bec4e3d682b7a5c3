-- One row per scenario and group whose journey is worked out in it, with a number to join by: `base` for all (the marts),
-- `no_calls` for groups of which a cookie called, and the windows under which a won group's journey may differ.
with groups as (
    select distinct
        'base' as scenario,
        group_id,
        cast(null as string) as anchor,
        cast(null as bigint) as window_number
    from {{ ref('int_journeys__group_cookies') }}
    union all
    select distinct
        'no_calls',
        cookies.group_id,
        null,
        null
    from {{ ref('int_journeys__group_cookies') }} as cookies
    inner join {{ ref('int_journeys__touches') }} as calls
        on cookies.cookie_number = calls.cookie_number
        and calls.task_id is not null
    union all
    select distinct
        scenario,
        group_id,
        anchor,
        changed_window
    from {{ ref('int_journeys__group_windows') }}
    where scenario <> 'base'
)

select
    row_number() over (order by scenario, group_id) as journey_number,
    scenario,
    group_id,
    anchor,
    window_number
from groups
