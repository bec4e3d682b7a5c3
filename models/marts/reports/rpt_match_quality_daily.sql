-- One row per day of the calls (UTC; null: no usable time) and verdict: how many, and how long after the call the Task
-- was written. Tasks that are no calls stay out.
with calls as (
    select * from {{ ref('int_touchpoints__verdicts') }}
),

arrivals as (
    select
        task_id,
        created_at
    from {{ ref('stg_salesforce__tasks') }}
),

delayed as (
    select
        cast(calls.called_at as date) as call_date,
        calls.verdict,
        case when calls.called_at is not null
            then {{ seconds_between('calls.called_at', 'arrivals.created_at') }} end as delay_seconds
    from calls
    inner join arrivals on calls.task_id = arrivals.task_id
    where calls.verdict <> 'none_not_a_call'
)

select
    call_date,
    verdict,
    count(*) as calls,
    {{ mean_seconds('delay_seconds') }} as average_delay_seconds,
    cast({{ median('delay_seconds') }} as decimal(18, 6)) as median_delay_seconds,
    cast(max(delay_seconds) as decimal(18, 6)) as longest_delay_seconds
from delayed
group by call_date, verdict
