with windows as (
    select
        window_number,
        minutes
    from {{ ref('int_journeys__windows') }}
),

call_matches as (
    select
        anchor,
        session_id,
        from_window,
        until_window
    from {{ ref('feed_call_matches') }}
),

session_channels as (
    select
        session_id,
        channel
    from {{ ref('fct_touchpoints') }}
    where session_id is not null
),

window_revenue as (
    select
        window_number,
        anchor,
        channel,
        cents
    from {{ ref('feed_window_revenue') }}
),

anchors as (
    select anchor from (values ('session_start'), ('last_activity')) as names (anchor)
),

-- Count matches per range of windows before the join to windows.
matches as (
    select
        call_matches.anchor,
        session_channels.channel,
        call_matches.from_window,
        call_matches.until_window,
        count(*) as calls
    from call_matches
    inner join session_channels on call_matches.session_id = session_channels.session_id
    group by call_matches.anchor, session_channels.channel, call_matches.from_window, call_matches.until_window
),

matched as (
    select
        windows.window_number,
        matches.anchor,
        matches.channel,
        sum(matches.calls) as tied_calls
    from matches
    inner join windows
        on windows.window_number >= matches.from_window
        and windows.window_number < matches.until_window
    group by windows.window_number, matches.anchor, matches.channel
),

revenue as (
    select
        window_number,
        anchor,
        channel,
        sum(cents) as cents
    from window_revenue
    group by window_number, anchor, channel
),

-- Every channel has a row for every window, so that charts start at zero.
channels as (
    select channel from matched
    union
    select channel from revenue
)

select
    windows.minutes as window_minutes,
    anchors.anchor,
    channels.channel,
    cast(coalesce(matched.tied_calls, 0) as bigint) as tied_calls,
    {{ as_money('coalesce(revenue.cents, 0)') }} as full_path_revenue
from windows
cross join anchors
cross join channels
left join matched
    on windows.window_number = matched.window_number
    and anchors.anchor = matched.anchor
    and channels.channel = matched.channel
left join revenue
    on windows.window_number = revenue.window_number
    and anchors.anchor = revenue.anchor
    and channels.channel = revenue.channel
