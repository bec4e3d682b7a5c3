-- R9.4, R9.5: what-if scenarios enter here. Every later model reads their properties, never their names; only the marts
-- and the last models of credit/ pick the rows of a scenario by its name.
with windows as (
    select window_number from {{ ref('int_journeys__windows') }}
),

anchors as (
    select anchor from (values ('session_start'), ('last_activity')) as names (anchor)
),

scenarios as (
    select
        'in_force' as scenario,
        cast(null as string) as anchor,
        cast(null as bigint) as window_number,
        true as has_call_tracking,
        false as is_full_path_only
    union all
    select
        'no_calls',
        null,
        null,
        false,
        false
    union all
    select
        'window',
        anchors.anchor,
        windows.window_number,
        true,
        true
    from windows
    cross join anchors
)

select
    row_number() over (order by scenario, anchor, window_number) as scenario_key,
    scenario,
    anchor,
    window_number,
    has_call_tracking,
    is_full_path_only
from scenarios
