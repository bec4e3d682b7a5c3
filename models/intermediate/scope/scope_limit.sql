-- One row, if what arrived is a matter of single cookies. It is not where it changes what every session is read by: then
-- this stops the increment, and the run goes on with a full build.
with reasons as (
    select cast(null as string) as reason
    {%- if not execute or is_increment() %}
    union all
    select 'The set of own hosts changed: ' || min(host) || ' came or went.'
    from {{ changed_rows('int_visits__own_hosts', 'host') }} as changed
    union all
    select 'Sessions were made from page views and now are given, or the other way round.'
    from {{ changed_rows('int_visits__session_origin', 'uses_given_sessions') }} as changed
    where changed.uses_given_sessions
    {%- endif %}
),

first_reason as (
    select min(reason) as reason from reasons
)

select reason
from first_reason
where {{ stop_if('reason') }}
