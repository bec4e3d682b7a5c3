with journeys as (
    select
        journey_key,
        scenario_key,
        buying_group_id,
        record_id
    from {{ ref('int_journeys__journeys') }}
),

journey_cookies as (
    select
        journey_key,
        scenario_key,
        cookie_key
    from {{ ref('int_journeys__journey_cookies') }}
),

scenario_calls as (
    select
        scenario_key,
        task_id,
        touch_key,
        touchpoint_date,
        session_touch_key
    from {{ ref('int_journeys__scenario_calls') }}
),

sessions as (
    select
        touch_key,
        cookie_key,
        touchpoint_date,
        first_form_at
    from {{ ref('int_journeys__touches') }}
    where task_id is null
),

record_calls as (
    select
        record_id,
        task_id
    from {{ ref('int_journeys__record_calls') }}
),

contacts as (
    select
        buying_group_id,
        record_id
    from {{ ref('int_opportunities__contacts') }}
),

first_calls as (
    select
        scenario_key,
        session_touch_key,
        min(touchpoint_date) as called_at
    from scenario_calls
    where session_touch_key is not null
    group by scenario_key, session_touch_key
),

buying_group_calls as (
    select distinct
        contacts.buying_group_id,
        record_calls.task_id
    from contacts
    inner join record_calls on contacts.record_id = record_calls.record_id
),

journey_calls as (
    select
        journeys.journey_key,
        journeys.scenario_key,
        buying_group_calls.task_id
    from journeys
    inner join buying_group_calls on journeys.buying_group_id = buying_group_calls.buying_group_id
    union all
    select
        journeys.journey_key,
        journeys.scenario_key,
        record_calls.task_id
    from journeys
    inner join record_calls on journeys.record_id = record_calls.record_id
)

select
    journey_cookies.journey_key,
    sessions.touch_key,
    sessions.touchpoint_date,
    sessions.first_form_at is not null or first_calls.called_at is not null as is_conversion,
    -- R1.6: at equal times the form makes the touchpoint.
    first_calls.called_at is not null
    and (sessions.first_form_at is null or first_calls.called_at < sessions.first_form_at) as is_made_by_call
from journey_cookies
inner join sessions on journey_cookies.cookie_key = sessions.cookie_key
left join first_calls
    on sessions.touch_key = first_calls.session_touch_key
    and journey_cookies.scenario_key = first_calls.scenario_key
union all
select
    journey_calls.journey_key,
    scenario_calls.touch_key,
    scenario_calls.touchpoint_date,
    true,
    true
from journey_calls
inner join scenario_calls
    on journey_calls.task_id = scenario_calls.task_id
    and journey_calls.scenario_key = scenario_calls.scenario_key
where scenario_calls.session_touch_key is null
