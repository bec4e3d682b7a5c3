{# R9.1: what the reports on calls count, one row per counted call, per person and call-made touch, and per opportunity
   and call-made touch. `campaign_name` and `month` are those of the call, or of the call that made the touch. One union
   feeds all reports, so that their totals cannot differ. `ref` is that of the model (macros/materializations.sql). #}
{% macro call_facts(ref) -%}
with touchpoints as (
    select
        touchpoint_id,
        channel,
        subchannel,
        channel_path,
        {{ call_attribution.or_none('ad_campaign_name') }} as campaign_name,
        crm_task_id,
        {{ call_attribution.month_of('called_at') }} as month
    from {{ ref('fct_touchpoints') }}
    -- A call is a conversion; most touches are not.
    where is_conversion
),

counted_calls as (
    select
        touchpoint_id,
        session_id,
        verdict,
        {{ call_attribution.month_of('called_at') }} as month
    from {{ ref('fct_calls') }}
    where is_counted
),

person_touchpoints as (
    select
        touchpoint_id,
        email
    from {{ ref('fct_person_touchpoints') }}
),

attribution_touchpoints as (
    select * from {{ ref('fct_attribution_touchpoints') }}
)

select
    touchpoints.channel,
    touchpoints.subchannel,
    touchpoints.channel_path,
    touchpoints.campaign_name,
    counted_calls.month,
    counted_calls.verdict,
    counted_calls.session_id,
    cast(null as {{ dbt.type_string() }}) as email,
    cast(null as {{ dbt.type_string() }}) as opportunity_id,
    cast(null as boolean) as is_won,
    cast(null as boolean) as is_closed
    {%- for model in call_attribution.attribution_models() %},
    cast(null as decimal(18, 2)) as {{ model }}_revenue
    {%- endfor %}
from counted_calls
inner join touchpoints on counted_calls.touchpoint_id = touchpoints.touchpoint_id
union all
select
    touchpoints.channel,
    touchpoints.subchannel,
    touchpoints.channel_path,
    touchpoints.campaign_name,
    touchpoints.month,
    cast(null as {{ dbt.type_string() }}) as verdict,
    cast(null as {{ dbt.type_string() }}) as session_id,
    person_touchpoints.email,
    cast(null as {{ dbt.type_string() }}) as opportunity_id,
    cast(null as boolean) as is_won,
    cast(null as boolean) as is_closed
    {%- for model in call_attribution.attribution_models() %},
    cast(null as decimal(18, 2)) as {{ model }}_revenue
    {%- endfor %}
from touchpoints
inner join person_touchpoints on touchpoints.touchpoint_id = person_touchpoints.touchpoint_id
where touchpoints.crm_task_id is not null
union all
select
    touchpoints.channel,
    touchpoints.subchannel,
    touchpoints.channel_path,
    touchpoints.campaign_name,
    touchpoints.month,
    cast(null as {{ dbt.type_string() }}) as verdict,
    cast(null as {{ dbt.type_string() }}) as session_id,
    cast(null as {{ dbt.type_string() }}) as email,
    attribution_touchpoints.opportunity_id,
    attribution_touchpoints.is_won,
    attribution_touchpoints.is_closed
    {%- for model in call_attribution.attribution_models() %},
    attribution_touchpoints.{{ model }}_revenue
    {%- endfor %}
from touchpoints
inner join attribution_touchpoints on touchpoints.touchpoint_id = attribution_touchpoints.touchpoint_id
where touchpoints.crm_task_id is not null
{%- endmacro %}

{# The call measures of a group of call_facts. #}
{% macro call_measures() -%}
count(verdict) as calls,
    count(case when verdict = 'merged' then 1 end) as calls_merged,
    count(case when verdict = 'merged_secondary' then 1 end) as calls_merged_secondary,
    count(case when verdict is not null and session_id is null then 1 end) as calls_separate,
    count(distinct email) as people,
    count(distinct opportunity_id) as opportunities,
    count(distinct case when is_won then opportunity_id end) as won_opportunities,
    {{- call_attribution.revenue_columns() }}
{%- endmacro %}

{# What reports show if a touch lacks a value. #}
{% macro or_none(x) -%}
coalesce({{ x }}, '(none)')
{%- endmacro %}

{% macro month_of(x) -%}
cast(date_trunc('month', {{ x }}) as date)
{%- endmacro %}
