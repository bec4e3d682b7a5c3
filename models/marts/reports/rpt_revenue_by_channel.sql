-- One row per channel, path, type and printed position of opportunity touches.
with touches as (
    select
        touchpoints.channel,
        touchpoints.channel_path,
        touchpoints.marketing_touch_type,
        records.email,
        credit.*
    from {{ ref('fct_attribution_touchpoints') }} as credit
    inner join {{ ref('fct_touchpoints') }} as touchpoints on credit.touchpoint_id = touchpoints.touchpoint_id
    inner join {{ ref('int_identity__records') }} as records on credit.contact_id = records.record_id
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
