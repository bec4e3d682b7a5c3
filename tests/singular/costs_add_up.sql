-- R16.2, R16.3: the days of a month add up, to the micro, to what the spend sheet says of the channel; and every level of the
-- cost per call has all calls (R16.9).
{{ config(meta={'dagster': {'ref': {'name': 'fct_costs'}}}) }}

with days as (
    select
        {{ month_of('cost_date') }} as month,
        coalesce(currency_code, '') as currency,
        channel,
        sum(cost_micro) as micro
    from {{ ref('fct_costs') }}
    where cost_source = 'spend'
    group by {{ month_of('cost_date') }}, coalesce(currency_code, ''), channel
),

sheet as (
    select
        month,
        coalesce(currency_code, '') as currency,
        channel,
        {{ greater('coalesce(own_micro, 0)', 'children_micro') }} as micro
    from {{ ref('int_costs__spend') }}
    where level = 'channel'
),

calls as (
    select
        level,
        sum(calls) as calls
    from {{ ref('rpt_cost_per_call') }}
    group by level
)

select
    'spend' as what,
    coalesce(sheet.channel, days.channel) as part,
    sheet.micro as expected,
    days.micro as found
from sheet
full outer join days
    on sheet.month = days.month
    and sheet.currency = days.currency
    and sheet.channel = days.channel
where coalesce(sheet.micro, -1) <> coalesce(days.micro, -1)
union all
select
    'calls',
    level,
    (select sum(calls) from {{ ref('rpt_calls_by_channel') }}),
    calls
from calls
where calls <> (select sum(calls) from {{ ref('rpt_calls_by_channel') }})
