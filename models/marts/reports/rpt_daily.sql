-- A touch that a call made has the day of the call, as in rpt_calls_by_month; any other has the day of its touch date.
with touchpoints as (
    select
        touchpoint_id,
        channel,
        subchannel,
        channel_path,
        {{ or_none('ad_campaign_name') }} as campaign_name,
        {{ or_none('keyword_text') }} as keyword_text,
        {{ or_none('landing_page') }} as landing_page,
        marketing_touch_type,
        crm_task_id,
        cast(case when crm_task_id is not null then called_at else touchpoint_date end as date) as day
    from {{ ref('fct_touchpoints') }}
),

counted_calls as (
    select
        crm_task_id,
        touchpoint_id,
        verdict,
        cast(called_at as date) as day
    from {{ ref('fct_calls') }}
    where is_counted
),

attribution_touchpoints as (
    select * from {{ ref('fct_attribution_touchpoints') }}
),

-- One row per touch, and one per call: a call can have another day and another verdict than the touch that it joined. Only calls
-- are joined with touches for their texts: joining all touches with themselves took a quarter more CPU
-- seconds (4.4 instead of 3.5 a million).
facts as (
    select
        touchpoints.*,
        touchpoints.touchpoint_id as credited_touchpoint_id,
        coalesce(counted_calls.verdict, '(none)') as verdict,
        1 as touches,
        0 as calls
    from touchpoints
    left join counted_calls on touchpoints.crm_task_id = counted_calls.crm_task_id
    union all
    select
        touchpoints.touchpoint_id,
        touchpoints.channel,
        touchpoints.subchannel,
        touchpoints.channel_path,
        touchpoints.campaign_name,
        touchpoints.keyword_text,
        touchpoints.landing_page,
        touchpoints.marketing_touch_type,
        touchpoints.crm_task_id,
        counted_calls.day,
        cast(null as {{ dbt.type_string() }}) as credited_touchpoint_id,
        counted_calls.verdict,
        0 as touches,
        1 as calls
    from counted_calls
    inner join touchpoints on counted_calls.touchpoint_id = touchpoints.touchpoint_id
),

credit as (
    select
        touchpoint_id,
        {{- revenue_columns() }}
    from attribution_touchpoints
    group by touchpoint_id
)

select
    facts.day,
    facts.channel,
    facts.subchannel,
    facts.channel_path,
    facts.campaign_name,
    facts.keyword_text,
    facts.landing_page,
    facts.marketing_touch_type,
    facts.verdict,
    cast(sum(facts.touches) as bigint) as touches,
    cast(sum(facts.calls) as bigint) as calls
    {%- for model in attribution_models() %},
    cast(coalesce(sum(credit.{{ model }}_revenue), 0) as decimal(18, 2)) as {{ model }}_revenue,
    cast(coalesce(sum(credit.{{ model }}_pipeline_revenue), 0) as decimal(18, 2)) as {{ model }}_pipeline_revenue
    {%- endfor %}
from facts
left join credit on facts.credited_touchpoint_id = credit.touchpoint_id
group by
    facts.day,
    facts.channel,
    facts.subchannel,
    facts.channel_path,
    facts.campaign_name,
    facts.keyword_text,
    facts.landing_page,
    facts.marketing_touch_type,
    facts.verdict
