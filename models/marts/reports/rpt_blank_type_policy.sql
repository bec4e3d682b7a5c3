with calls as (
    select
        task_id,
        task_type,
        has_call_evidence
    from {{ ref('feed_calls') }}
    where is_counted
),

type_map as (
    select
        type_key,
        marketing_touch_type
    from {{ ref('int_calls__task_types') }}
),

touchpoints as (
    select
        touchpoint_id,
        crm_task_id
    from {{ ref('fct_touchpoints') }}
    where crm_task_id is not null
),

attribution_touchpoints as (
    select
        touchpoint_id,
        full_path_revenue
    from {{ ref('fct_attribution_touchpoints') }}
    where is_won
),

types as (
    {%- for policy in ('web_visit', 'infer') %}
    select
        '{{ policy }}' as policy,
        task_id,
        {{ effective_task_type(policy) }} as resolved_type
    from calls
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

typed as (
    select
        types.policy,
        types.task_id,
        {{ marketing_touch_type('types.resolved_type', 'type_map.marketing_touch_type') }} = 'Phone Call' as is_phone_call
    from types
    left join type_map on lower(types.resolved_type) = type_map.type_key
),

credit as (
    select
        touchpoints.crm_task_id,
        sum(attribution_touchpoints.full_path_revenue) as revenue
    from attribution_touchpoints
    inner join touchpoints on attribution_touchpoints.touchpoint_id = touchpoints.touchpoint_id
    group by touchpoints.crm_task_id
),

policies as (
    select policy from (values ('web_visit'), ('infer')) as names (policy)
)

select
    policies.policy,
    policies.policy = '{{ variable('blank_call_type_policy') }}' as is_in_force,
    count(typed.task_id) as calls,
    count(case when typed.is_phone_call then touchpoints.touchpoint_id end) as phone_calls,
    cast(coalesce(sum(case when typed.is_phone_call then credit.revenue end), 0) as decimal(18, 2)) as won_revenue
from policies
left join typed on policies.policy = typed.policy
left join touchpoints on typed.task_id = touchpoints.crm_task_id
left join credit on typed.task_id = credit.crm_task_id
group by policies.policy
