-- Only carry-over reads these models; declared here because one parse serves every value of a variable:
-- depends_on: {{ ref('int_sessions__keys') }}, {{ ref('int_channels__resolved') }}, {{ ref('int_sessions__last_activity') }}

with keyed as (
    select
        visits.session_id,
        inputs.channel_input_key
    from {{ ref('int_channels__session_inputs') }} as visits
    inner join {{ ref('int_channels__inputs') }} as inputs
        on inputs.origin = 'session'
        {%- for column in channel_inputs() %}
        and visits.{{ column }} = inputs.{{ column }}
        {%- endfor %}
)

{% if not variable('session_channel_carryover') -%}
select
    session_id,
    channel_input_key,
    channel_input_key as shown_channel_input_key
from keyed
{%- else -%}
, sessions as (
    select
        keyed.session_id,
        keyed.channel_input_key,
        channels.is_direct,
        sessions.cookie_id,
        sessions.started_at,
        coalesce(activity.last_activity_at, sessions.started_at) as last_activity_at
    from keyed
    inner join {{ ref('int_sessions__keys') }} as sessions on keyed.session_id = sessions.session_id
    inner join {{ ref('int_channels__resolved') }} as channels on keyed.channel_input_key = channels.channel_input_key
    left join {{ ref('int_sessions__last_activity') }} as activity on keyed.session_id = activity.session_id
),

linked as (
    select
        *,
        case
            when is_direct
                and cookie_id is not null
                and started_at <= {{ add_minutes(
                    'lag(last_activity_at) over (partition by cookie_id order by started_at, session_id)', 7 * 24 * 60) }}
                then 0
            else 1
        end as keeps_own_channel
    from sessions
),

-- R3.4: carry-over chains: all sessions before the next one with its own channel show the same channel.
chained as (
    select
        *,
        sum(keeps_own_channel) over (
            partition by cookie_id order by started_at, session_id rows between unbounded preceding and current row
        ) as chain_number
    from linked
)

select
    session_id,
    channel_input_key,
    case
        when cookie_id is null then channel_input_key
        else first_value(channel_input_key) over (
            partition by cookie_id, chain_number order by started_at, session_id
        )
    end as shown_channel_input_key
from chained
{%- endif %}
