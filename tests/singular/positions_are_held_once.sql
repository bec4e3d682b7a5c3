{{ config(meta={'dagster': {'ref': {'name': 'fct_attribution_touchpoints'}}}) }}

-- R6.1, R7.2: every Lead or Contact and every opportunity with touches has exactly one FT and at most one LC, an
-- opportunity at most one OC and exactly one Closed or Pending.
select
    'record' as holder,
    coalesce(contact_id, lead_id) as holder_id
from {{ get_where_subquery(ref('fct_buyer_touchpoints')) }}
group by coalesce(contact_id, lead_id)
having sum(first_touch_count) <> 1
    or sum(lead_creation_count) > 1
    or sum(u_shaped_count) <> 1
union all
select
    'opportunity',
    opportunity_id
from {{ get_where_subquery(ref('fct_attribution_touchpoints')) }}
group by opportunity_id
having count(case when is_first_touch then 1 end) <> 1
    or count(case when is_lead_creation_touch then 1 end) > 1
    or count(case when is_opportunity_creation_touch then 1 end) > 1
    or count(case when is_closed_touch and is_closed then 1 end) + count(case when is_pending and not is_closed then 1 end) <> 1
