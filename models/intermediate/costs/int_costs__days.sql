-- R16.3: the earliest days get one micro each of the remainder.
with spend as (
    select *
    from {{ ref('int_costs__spend') }}
    where leaf_micro > 0
),

entries as (
    select distinct
        campaign_id,
        month
    from {{ ref('int_costs__entries') }}
    where campaign_id is not null
),

campaigns as (
    select *
    from {{ ref('int_costs__campaigns') }}
    where not is_too_long
),

spans as (
    select
        'spend' as cost_source,
        {{ spend_key() }} as leaf,
        channel,
        case when has_rest and level = 'channel' then 'Other' else subchannel end as subchannel,
        campaign_id,
        case when has_rest and level = 'subchannel' then 'Other' else campaign_name end as campaign_name,
        currency_code,
        month as first_day,
        {{ days_between('month', next_month('month')) }} as days,
        leaf_micro as micro
    from spend
    union all
    select
        'crm_campaign',
        campaign_id as leaf,
        channel,
        subchannel,
        campaign_id,
        campaign_name,
        currency_code,
        starts_on,
        days,
        cost_micro
    from campaigns
),

numbered as (
    {{ row_per_number('spans', '0', 'days - 1', 'day_number') }}
),

dated as (
    select
        *,
        cast({{ add_minutes('cast(first_day as timestamp)', 'day_number * 1440') }} as date) as cost_date,
        {{ integer_divide('micro', 'days') }} + case when day_number < micro % days then 1 else 0 end as cost_micro
    from numbered
)

select
    dated.cost_source || '-' || dated.leaf || '-' || cast(dated.cost_date as {{ dbt.type_string() }}) as cost_id,
    dated.cost_source,
    dated.cost_date,
    dated.channel,
    dated.subchannel,
    dated.campaign_id,
    dated.campaign_name,
    dated.currency_code,
    cast(dated.cost_micro as bigint) as cost_micro
from dated
left join entries
    on dated.campaign_id = entries.campaign_id
    and {{ month_of('dated.cost_date') }} = entries.month
    and dated.cost_source = 'crm_campaign'
-- R16.4: the spend sheet's entry for a Campaign and month replaces these days.
where entries.month is null
