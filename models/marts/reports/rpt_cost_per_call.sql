with calls as (
    {{ call_facts(ref) | indent(4) }}
),

costs as (
    select *
    from {{ ref('fct_costs') }}
    where cost is not null
),

-- One row per call or cost.
facts as (
    select
        month,
        channel,
        subchannel,
        campaign_name,
        verdict,
        session_id,
        0 as cost
    from calls
    where verdict is not null
    union all
    select
        {{ month_of('cost_date') }},
        channel,
        subchannel,
        {{ or_none('campaign_name') }},
        null,
        null,
        cost
    from costs
),

levels as (
    {%- for level in ['channel', 'subchannel', 'campaign'] %}
    select
        '{{ level }}' as level,
        month,
        channel,
        {{ 'subchannel' if level != 'channel' else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as subchannel,
        {{ 'campaign_name' if level == 'campaign' else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as campaign_name,
        verdict,
        session_id,
        cost
    from facts
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

measures as (
    select
        month,
        level,
        channel,
        subchannel,
        campaign_name,
        count(verdict) as calls,
        count(case when verdict = 'merged' then 1 end) as calls_merged,
        count(case when verdict = 'merged_secondary' then 1 end) as calls_merged_secondary,
        count(case when verdict is not null and session_id is null then 1 end) as calls_separate,
        sum(cost) * 1000000 as cost_micro
    from levels
    group by month, level, channel, subchannel, campaign_name
)

select
    month,
    level,
    channel,
    subchannel,
    campaign_name,
    calls,
    calls_merged,
    calls_merged_secondary,
    calls_separate,
    {{ rounded_quotient('cost_micro', '1000000', 2) }} as cost,
    {{ rounded_quotient('cost_micro', '(calls * 1000000)', 2) }} as cost_per_call,
    {{ rounded_quotient('cost_micro', '(calls_merged * 1000000)', 2) }} as cost_per_merged_call
from measures
