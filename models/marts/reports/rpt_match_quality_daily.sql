with delayed as (
    select
        cast(called_at as date) as call_date,
        verdict,
        case when called_at is not null then {{ seconds_between('called_at', 'created_at') }} end as delay_seconds
    from {{ ref('feed_calls') }}
    where verdict <> 'none_not_a_call'
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
