with windows as (
    select * from {{ ref('int_journeys__windows') }}
),

session_channels as (
    select
        session_id,
        channel
    from {{ ref('fct_touchpoints') }}
    where session_id is not null
),

-- Ties that begin and end with the same windows are counted together before the windows are laid over them.
ties as (
    select
        ties.anchor,
        session_channels.channel,
        ties.from_window,
        ties.until_window,
        count(*) as calls
    from {{ ref('feed_call_matches') }} as ties
    inner join session_channels on ties.session_id = session_channels.session_id
    group by ties.anchor, session_channels.channel, ties.from_window, ties.until_window
),

tied as (
    select
        windows.window_number,
        ties.anchor,
        ties.channel,
        sum(ties.calls) as tied_calls
    from ties
    inner join windows
        on windows.window_number >= ties.from_window
        and windows.window_number < ties.until_window
    group by windows.window_number, ties.anchor, ties.channel
),

earned as (
    select
        window_number,
        anchor,
        channel,
        sum(cents) as cents
    from {{ ref('feed_window_revenue') }}
    group by window_number, anchor, channel
),

-- Every channel has a row for every window, so that its curve starts at zero.
channels as (
    select channel from tied
    union
    select channel from earned
),

anchors as (
    select anchor from (values ('session_start'), ('last_activity')) as names (anchor)
)

select
    windows.minutes as window_minutes,
    anchors.anchor,
    channels.channel,
    cast(coalesce(tied.tied_calls, 0) as bigint) as tied_calls,
    {{ as_money('coalesce(earned.cents, 0)') }} as full_path_revenue
from windows
cross join anchors
cross join channels
left join tied
    on windows.window_number = tied.window_number
    and anchors.anchor = tied.anchor
    and channels.channel = tied.channel
left join earned
    on windows.window_number = earned.window_number
    and anchors.anchor = earned.anchor
    and channels.channel = earned.channel
