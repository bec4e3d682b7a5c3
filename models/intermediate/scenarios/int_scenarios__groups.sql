-- One row per group and scenario in which its journey may differ from the marts: without call tracking (where a cookie
-- of the group called), and under other windows.
select distinct
    'without_calls' as scenario,
    cookies.group_id,
    cast(null as varchar) as anchor,
    cast(null as bigint) as window_number
from {{ ref('int_opportunities__cookies') }} as cookies
inner join {{ ref('int_calls__verdicts') }} as calls
    on cookies.cookie_id = calls.cookie_id
    and calls.is_tracked
union all
select distinct
    scenario,
    group_id,
    anchor,
    changed_window
from {{ ref('int_scenarios__group_windows') }}
where scenario <> 'base'
