{{ config(meta={'dagster': {'ref': {'name': 'rpt_calls_by_channel'}}}) }}

-- R9.1: people and opportunities of each channel path, counted again. No other test counts them.
with touches as (
    select
        touchpoint_id,
        channel_path
    from {{ ref('fct_touchpoints') }}
    where is_conversion
        and crm_task_id is not null
),

people as (
    select
        touches.channel_path,
        count(distinct person_touchpoints.email) as people
    from touches
    inner join {{ ref('fct_person_touchpoints') }} as person_touchpoints
        on touches.touchpoint_id = person_touchpoints.touchpoint_id
    group by touches.channel_path
),

opportunities as (
    select
        touches.channel_path,
        count(distinct credit.opportunity_id) as opportunities,
        count(distinct case when credit.is_won then credit.opportunity_id end) as won_opportunities
    from touches
    inner join {{ ref('fct_attribution_touchpoints') }} as credit on touches.touchpoint_id = credit.touchpoint_id
    group by touches.channel_path
)

select report.channel_path
from {{ ref('rpt_calls_by_channel') }} as report
left join people on report.channel_path = people.channel_path
left join opportunities on report.channel_path = opportunities.channel_path
where report.people <> coalesce(people.people, 0)
    or report.opportunities <> coalesce(opportunities.opportunities, 0)
    or report.won_opportunities <> coalesce(opportunities.won_opportunities, 0)
