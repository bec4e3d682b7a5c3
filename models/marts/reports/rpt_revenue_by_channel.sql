{{ config(meta={'groups': ['channel', 'channel_path', 'marketing_touch_type', 'touchpoint_position']}) }}

with contacts as (
    select distinct
        contact_id,
        email
    from {{ ref('fct_buyer_touchpoints') }}
    where contact_id is not null
),

touchpoints as (
    select
        touchpoint_id,
        channel,
        channel_path,
        marketing_touch_type
    from {{ ref('fct_touchpoints') }}
),

credit as (
    select * from {{ ref('fct_attribution_touchpoints') }}
),

touches as (
    select
        touchpoints.channel,
        touchpoints.channel_path,
        touchpoints.marketing_touch_type,
        contacts.email,
        credit.*
    from credit
    inner join touchpoints on credit.touchpoint_id = touchpoints.touchpoint_id
    inner join contacts on credit.contact_id = contacts.contact_id
)

select
    channel,
    channel_path,
    marketing_touch_type,
    touchpoint_position,
    count(distinct touchpoint_id) as touchpoints,
    count(distinct email) as people,
    count(distinct opportunity_id) as opportunities,
    {{- revenue_columns() }}
from touches
group by channel, channel_path, marketing_touch_type, touchpoint_position
