-- One row per scenario and touch of the cookies that it concerns: the touches as they would be with another window or
-- without call tracking (R1.6, R1.7). The scenario `base` is int_touchpoints itself.
with cookies as (
    select distinct
        scenario,
        cookie_id,
        anchor,
        window_number
    from {{ ref('int_scenarios__cookies') }}
),

calls as (
    select
        cookies.scenario,
        calls.task_id,
        calls.cookie_id,
        calls.called_at,
        ties.session_id
    from cookies
    inner join {{ ref('int_calls__verdicts') }} as calls
        on cookies.cookie_id = calls.cookie_id
        and calls.is_tracked
    left join {{ ref('int_scenarios__call_ties') }} as ties
        on calls.task_id = ties.task_id
        and cookies.anchor = ties.anchor
        and cookies.window_number >= ties.from_window
        and cookies.window_number < ties.until_window
    where cookies.scenario <> 'without_calls'
),

first_calls as (
    select
        scenario,
        session_id,
        min(called_at) as called_at
    from calls
    where session_id is not null
    group by scenario, session_id
),

first_forms as (
    select
        session_id,
        min(converted_at) as submitted_at
    from {{ ref('int_touchpoints__conversions') }}
    where conversion_kind <> 'call'
    group by session_id
)

select
    cookies.scenario,
    touchpoints.touchpoint_id,
    touchpoints.session_id,
    cast(null as varchar) as separate_task_id,
    touchpoints.cookie_id,
    touchpoints.touchpoint_date,
    first_forms.submitted_at is not null or first_calls.called_at is not null as is_conversion,
    -- At equal times the form makes the touchpoint.
    first_calls.called_at is not null
    and (first_forms.submitted_at is null or first_calls.called_at < first_forms.submitted_at) as is_made_by_call
from cookies
inner join {{ ref('int_touchpoints') }} as touchpoints
    on cookies.cookie_id = touchpoints.cookie_id
    and touchpoints.session_id is not null
left join first_forms on touchpoints.session_id = first_forms.session_id
left join first_calls
    on touchpoints.session_id = first_calls.session_id
    and cookies.scenario = first_calls.scenario
union all
select
    scenario,
    'task-' || task_id,
    null,
    task_id,
    cookie_id,
    called_at,
    true,
    true
from calls
where session_id is null
