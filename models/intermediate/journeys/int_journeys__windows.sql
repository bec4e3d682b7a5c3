with seed_rows as (
    select distinct
        {{ parse_number('minutes') }} as minutes,
        {{ trim_text('minutes') }} as minutes_text
    from {{ ref('windows_minutes') }}
),

problems as (
    select 'seeds/windows_minutes.csv: ' || coalesce(minutes_text, '(blank)')
        || ' is not a whole number of minutes from 0 to 525600.' as problem
    from seed_rows
    where coalesce(not minutes between 0 and 525600 or minutes <> floor(minutes), true)
),

windows as (
    select distinct cast(minutes as integer) as minutes
    from seed_rows
    cross join (select min(problem) as problem from problems) as checked
    where {{ raise_if('checked.problem') }}
)

select
    row_number() over (order by minutes) as window_number,
    minutes,
    cast(minutes as bigint) * 60000000 as window_us,
    coalesce(lag(cast(minutes as bigint) * 60000000) over (order by minutes), -1) as previous_us
from windows
