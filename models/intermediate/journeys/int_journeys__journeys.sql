with scenarios as (
    select
        scenario_key,
        scenario,
        is_full_path_only
    from {{ ref('int_journeys__scenarios') }}
),

contacts as (
    select
        buying_group_id,
        record_id
    from {{ ref('int_opportunities__contacts') }}
),

record_cookies as (
    select record_id
    from {{ ref('int_journeys__record_cookies') }}
),

buying_group_cookies as (
    select
        buying_group_id,
        cookie_key
    from {{ ref('int_journeys__buying_group_cookies') }}
),

calls as (
    select cookie_key
    from {{ ref('int_journeys__touches') }}
    where task_id is not null
),

buying_group_windows as (
    select
        buying_group_id,
        scenario_key
    from {{ ref('int_journeys__buying_group_windows') }}
),

buying_group_journeys as (
    select
        scenarios.scenario_key,
        buying_group_cookies.buying_group_id
    from buying_group_cookies
    cross join scenarios
    where scenarios.scenario = 'in_force'
    union
    -- Without call tracking, only buying groups with a cookie that called can differ.
    select
        scenarios.scenario_key,
        buying_group_cookies.buying_group_id
    from buying_group_cookies
    cross join scenarios
    where scenarios.scenario = 'no_calls'
        and buying_group_cookies.cookie_key in (select cookie_key from calls)
    union
    select
        scenario_key,
        buying_group_id
    from buying_group_windows
),

-- Every record has a journey in the scenario in force; in the others, only records whose touches a group needs (R7.3).
record_journeys as (
    select
        scenarios.scenario_key,
        record_cookies.record_id
    from record_cookies
    cross join scenarios
    where scenarios.scenario = 'in_force'
    union
    select
        buying_group_journeys.scenario_key,
        contacts.record_id
    from buying_group_journeys
    inner join contacts on buying_group_journeys.buying_group_id = contacts.buying_group_id
    where contacts.record_id in (select record_id from record_cookies)
),

journeys as (
    select
        scenario_key,
        buying_group_id,
        cast(null as string) as record_id
    from buying_group_journeys
    union all
    select
        scenario_key,
        null,
        record_id
    from record_journeys
)

select
    row_number() over (order by journeys.scenario_key, journeys.buying_group_id, journeys.record_id)
        as journey_key,
    scenarios.scenario_key,
    scenarios.scenario,
    journeys.buying_group_id,
    journeys.record_id,
    scenarios.is_full_path_only
from journeys
inner join scenarios on journeys.scenario_key = scenarios.scenario_key
