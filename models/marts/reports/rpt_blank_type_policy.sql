with calls as (
    select
        task_id,
        task_type,
        has_call_evidence
    from {{ ref('feed_calls') }}
    where is_counted
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
    left join {{ ref('int_calls__task_types') }} as type_map on lower(types.resolved_type) = type_map.type_key
),

credit as (
    select
        touchpoints.crm_task_id,
        sum(credit.full_path_revenue) as revenue
    from {{ ref('fct_attribution_touchpoints') }} as credit
    inner join {{ ref('fct_touchpoints') }} as touchpoints on credit.touchpoint_id = touchpoints.touchpoint_id
    where credit.is_won
        and touchpoints.crm_task_id is not null
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
left join {{ ref('fct_touchpoints') }} as touchpoints on typed.task_id = touchpoints.crm_task_id
left join credit on typed.task_id = credit.crm_task_id
group by policies.policy
