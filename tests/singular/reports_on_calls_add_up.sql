{{ config(meta={'dagster': {'ref': {'name': 'rpt_daily'}}}) }}

-- R9.1: campaigns, months and days have the same calls and the same money as channels, path by path.
{%- set measures = ['calls'] %}
{%- for model in attribution_models() %}{% do measures.extend([model ~ '_revenue', model ~ '_pipeline_revenue']) %}{% endfor %}
{%- set others = {'rpt_calls_by_campaign': 'true', 'rpt_calls_by_month': 'true', 'rpt_daily': "verdict <> '(none)'"} %}
with expected as (
    select
        channel_path
        {%- for measure in measures %},
        {{ measure }}
        {%- endfor %}
    from {{ ref('rpt_calls_by_channel') }}
)
{%- for report, condition in others.items() %},

{{ report }} as (
    select
        channel_path
        {%- for measure in measures %},
        sum({{ measure }}) as {{ measure }}
        {%- endfor %}
    from {{ ref(report) }}
    where {{ condition }}
    group by channel_path
)
{%- endfor %}
{%- for report in others %}
{{ 'union all' if not loop.first }}
select
    '{{ report }}' as report,
    coalesce(expected.channel_path, {{ report }}.channel_path) as channel_path
from expected
full outer join {{ report }} on expected.channel_path = {{ report }}.channel_path
where
    {%- for measure in measures %}
    coalesce({{ report }}.{{ measure }}, -1) <> coalesce(expected.{{ measure }}, -1)
    {{- ' or' if not loop.last }}
    {%- endfor %}
{%- endfor %}
