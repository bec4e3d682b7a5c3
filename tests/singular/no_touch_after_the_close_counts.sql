{{ config(meta={'dagster': {'ref': {'name': 'fct_attribution_touchpoints'}}}) }}

-- R7.1, R7.2: touches on the close date count, later ones do not.
select
    credit.attribution_touchpoint_id,
    touchpoints.touchpoint_date,
    credit.close_date
from {{ ref('fct_attribution_touchpoints') }} as credit
inner join {{ ref('fct_touchpoints') }} as touchpoints on credit.touchpoint_id = touchpoints.touchpoint_id
where credit.is_closed
    and cast(touchpoints.touchpoint_date as date) > credit.close_date
