{{ config(meta={'dagster': {'ref': {'name': 'fct_attribution_touchpoints'}}}) }}

-- R8.3: for every attributed opportunity and model, percentages add up to exactly 100 and revenue to exactly the amount; an
-- opportunity without an amount has no revenue.
with sums as (
    select
        opportunity_id
        {%- for model in attribution_models() %},
        sum({{ model }}_percentage) as {{ model }}_percentage,
        sum({{ model }}_revenue) as {{ model }}_revenue
        {%- endfor %}
    from {{ get_where_subquery(ref('fct_attribution_touchpoints')) }}
    group by opportunity_id
)

select
    sums.*,
    opportunities.amount_cents
from sums
inner join {{ ref('int_opportunities__live') }} as opportunities on sums.opportunity_id = opportunities.opportunity_id
where false
{%- for model in attribution_models() %}
    or sums.{{ model }}_percentage <> 100
    or sums.{{ model }}_revenue <> {{ as_money('opportunities.amount_cents') }}
    or (sums.{{ model }}_revenue is null) <> (opportunities.amount_cents is null)
{%- endfor %}
