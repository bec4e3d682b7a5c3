{# The window join: all pairs of an event and a window of the same cookie that contains it, both ends inclusive, to the
   microsecond (R1.4). A range join takes 13 s if one cookie has 100,000 sessions and as many calls. Here each window has a
   row per time bucket that it touches, and an event searches its own bucket: an equality join, which takes 0.18 s.

   A bucket is as long as the window, rounded up to a power of two times `minutes`: the window's level. So a window touches
   one or two buckets, however long it is (with one length for all, sixteen rows with dates in the years 1 and 9999 took
   62 s and 2.4 GB), and an event searches one bucket per level that windows of its cookie have.

   events:  relation with event_id, cookie_id, event_at
   windows: relation with window_id, cookie_id, opens_at, closes_at
   minutes: length of a bucket of the lowest level, at least 30. It changes only the speed; the length of a typical window is fast.
   Result:  event_id, window_id, opens_at #}
{% macro window_pairs(events, windows, minutes) -%}
{%- set lowest_us = [minutes, 30] | max * 60 * 1000000 -%}
{%- set length_us = '(' ~ epoch_us('windows.closes_at') ~ ' - ' ~ epoch_us('windows.opens_at') ~ ')' -%}
{%- set level = 'ceil(ln(' ~ length_us ~ ' / ' ~ lowest_us ~ '.0) / ln(2))' -%}
with pair_windows as (
    select
        windows.window_id,
        windows.cookie_id,
        windows.opens_at,
        windows.closes_at,
        {{ lowest_us }} * case when {{ length_us }} > {{ lowest_us }} then cast(power(2, {{ level }}) as bigint) else 1 end as bucket_us
    from {{ windows }} as windows
),

pair_events as (
    select
        event_id,
        cookie_id,
        event_at,
        cast({{ lowest_us }} as bigint) as bucket_us,
        cast(floor({{ epoch_us('event_at') }} / {{ lowest_us }}) as bigint) as bucket
    from {{ events }}
    union all
    -- Long windows are rare.
    select
        events.event_id,
        events.cookie_id,
        events.event_at,
        levels.bucket_us,
        cast(floor({{ epoch_us('events.event_at') }} / levels.bucket_us) as bigint) as bucket
    from {{ events }} as events
    inner join (select distinct cookie_id, bucket_us from pair_windows where bucket_us > {{ lowest_us }}) as levels
        on events.cookie_id = levels.cookie_id
)

select
    events.event_id,
    windows.window_id,
    windows.opens_at
from pair_events as events
inner join (
    {{ row_per_number(
        'pair_windows',
        'cast(floor(' ~ epoch_us('opens_at') ~ ' / bucket_us) as bigint)',
        'cast(floor(' ~ epoch_us('closes_at') ~ ' / bucket_us) as bigint)',
        'bucket'
    ) }}
) as windows
    on events.cookie_id = windows.cookie_id
    and events.bucket_us = windows.bucket_us
    and events.bucket = windows.bucket
    and events.event_at between windows.opens_at and windows.closes_at
{%- endmacro %}

{# R1.5: the order in which a call prefers the sessions whose windows contain it: the one that started last, then the smallest
   id. The what-if windows (R9.5) use it, too. #}
{% macro preferred_session(started_at, session_id) -%}
{{ started_at }} desc, {{ session_id }}
{%- endmacro %}

{# When the window of a session closes for a call, by the anchor of R1.4. #}
{% macro call_window_closes_at(started_at, last_activity_at) -%}
{%- if variable('call_session_window_anchor') == 'last_activity' -%}
    {{ add_minutes(last_activity_at, variable('call_session_window_minutes')) }}
{%- else -%}
    {{ add_minutes(started_at, variable('call_session_window_minutes')) }}
{%- endif -%}
{%- endmacro %}
