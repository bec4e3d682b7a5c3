{#- R16.8: each fact has the month in which its measure counts. #}
{{ config(meta={'groups': ['month', 'channel_path', 'campaign_name', 'model']}) }}

{%- set units = as_units('percentage') %}
{%- set cents = as_cents('revenue') %}
with models as (
    select distinct model from {{ ref('int_credit__weights') }}
),

-- A CTE of touches would have two readers, and DuckDB stores such a CTE: 1 GB for ten million.
-- Summed before each model gets them: with eight models, 13 of 18 million facts of ten million sessions were leads.
new_leads as (
    select
        {{ month_of('buyer_touchpoints.record_created_at') }} as month,
        touchpoints.channel_path,
        {{ or_none('touchpoints.ad_campaign_name') }} as campaign_name,
        sum(buyer_touchpoints.first_touch_count) as first_touch_count,
        sum(buyer_touchpoints.lead_creation_count) as lead_creation_count,
        sum(buyer_touchpoints.u_shaped_count) as u_shaped_count
    from {{ ref('fct_buyer_touchpoints') }} as buyer_touchpoints
    inner join {{ ref('fct_touchpoints') }} as touchpoints on buyer_touchpoints.touchpoint_id = touchpoints.touchpoint_id
    where (buyer_touchpoints.is_first_touch or buyer_touchpoints.is_lead_creation_touch)
        and buyer_touchpoints.record_created_at is not null
    group by
        {{ month_of('buyer_touchpoints.record_created_at') }},
        touchpoints.channel_path,
        {{ or_none('touchpoints.ad_campaign_name') }}
),

opportunities as (
    select
        opportunity_id,
        created_at,
        close_date,
        is_closed,
        is_won
    from {{ ref('fct_opportunities') }}
),

credit as (
    select
        credit.model,
        credit.percentage,
        credit.revenue,
        opportunities.created_at,
        opportunities.close_date,
        opportunities.is_closed,
        opportunities.is_won,
        touchpoints.channel_path,
        {{ or_none('touchpoints.ad_campaign_name') }} as campaign_name,
        touchpoints.touchpoint_date
    from {{ ref('fct_attribution_credit') }} as credit
    inner join opportunities on credit.opportunity_id = opportunities.opportunity_id
    inner join {{ ref('fct_touchpoints') }} as touchpoints on credit.touchpoint_id = touchpoints.touchpoint_id
),

facts as (
    select
        models.model,
        {{- result_fact('new_leads.month', {'leads_hundredths': "cast(case models.model
            when 'first_touch' then new_leads.first_touch_count
            when 'lead_creation' then new_leads.lead_creation_count
            else new_leads.u_shaped_count end * 100 as bigint)"}) }}
    from new_leads
    cross join models
    union all
    select
        model,
        {{- result_fact(month_of('created_at'), {'opportunity_units': units}) }}
    from credit
    where created_at is not null
    union all
    select
        model,
        {{- result_fact(month_of('close_date'), {'deal_units': units, 'attributed_cents': cents}) }}
    from credit
    where is_won
        and close_date is not null
    union all
    select
        model,
        {{- result_fact(month_of('touchpoint_date'), {
            'realized_cents': 'case when is_won then ' ~ cents ~ ' end',
            'pipeline_cents': 'case when not is_closed then ' ~ cents ~ ' end',
        }) }}
    from credit
    where is_won
        or not is_closed
)

select
    month,
    channel_path,
    campaign_name,
    model
    {%- for measure in result_measures() %},
    coalesce(sum({{ measure }}), 0) as {{ measure }}
    {%- endfor %}
from facts
group by month, channel_path, campaign_name, model
having sum({{ result_measures() | join(') <> 0 or sum(') }}) <> 0
