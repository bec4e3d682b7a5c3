{{ config(meta={'dagster': {'ref': {'name': 'feed_roi_results'}}}) }}

-- R16.8: over all months, channels and campaigns, each model has the leads, shares and money of the marts.
{%- set units = as_units('percentage') %}
{%- set cents = as_cents('revenue') %}
with models as (
    select distinct model from {{ ref('int_credit__weights') }}
),

results as (
    select
        model
        {%- for measure in result_measures() %},
        sum({{ measure }}) as {{ measure }}
        {%- endfor %}
    from {{ ref('feed_roi_results') }}
    group by model
),

leads as (
    select
        sum(first_touch_count) * 100 as first_touch,
        sum(lead_creation_count) * 100 as lead_creation,
        sum(u_shaped_count) * 100 as u_shaped
    from {{ ref('fct_buyer_touchpoints') }}
    where record_created_at is not null
),

credit as (
    select
        credit.model,
        sum(case when opportunities.created_at is not null then {{ units }} end) as opportunity_units,
        sum(case when opportunities.is_won and opportunities.close_date is not null then {{ units }} end) as deal_units,
        sum(case when opportunities.is_won and opportunities.close_date is not null then {{ cents }} end) as attributed_cents,
        sum(case when opportunities.is_won then {{ cents }} end) as realized_cents,
        sum(case when not opportunities.is_closed then {{ cents }} end) as pipeline_cents
    from {{ ref('fct_attribution_credit') }} as credit
    inner join {{ ref('fct_opportunities') }} as opportunities on credit.opportunity_id = opportunities.opportunity_id
    group by credit.model
)

select models.model
from models
cross join leads
left join results on models.model = results.model
left join credit on models.model = credit.model
where coalesce(results.leads_hundredths, 0) <> coalesce(
        case models.model when 'first_touch' then leads.first_touch when 'lead_creation' then leads.lead_creation else leads.u_shaped end, 0
    )
    {%- for measure in result_measures() if measure != 'leads_hundredths' %}
    or coalesce(results.{{ measure }}, 0) <> coalesce(credit.{{ measure }}, 0)
    {%- endfor %}
