{%- set states = {'revenue': 'is_won', 'pipeline_revenue': 'not is_closed'} %}
select
    model,
    channel,
    channel_path,
    count(distinct case when percentage_difference <> 0 then opportunity_id end) as opportunities_moved
    {%- for side in ['with', 'without', 'difference'] %},
    cast(sum(percentage_{{ side }}) * 0.01 as decimal(38, 12)) as credited_opportunities_{{ side }}
    {%- endfor %}
    {%- for name, state in states.items() %}{% for side in ['with', 'without', 'difference'] %},
    cast(coalesce(sum(case when {{ state }} then revenue_{{ side }} end), 0) as decimal(18, 2)) as {{ name }}_{{ side }}
    {%- endfor %}{% endfor %}
from {{ ref('rpt_call_integration_impact') }}
group by model, channel, channel_path
