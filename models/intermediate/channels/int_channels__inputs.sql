with sessions as (
    select distinct
        'session' as origin,
        {{ channel_inputs() | join(', ') }}
    from {{ ref('int_channels__session_inputs') }}
),

-- R3.3: for a separate call, the rule sheet compares its Type as medium and `Salesforce Task` (or Event) as source.
calls as (
    select distinct
        'call' as origin,
        {{- channel_inputs_without_visit({
            'utm_medium': "coalesce(touchpoint_medium, '')", 'utm_source': call_source('activity_object')
        }) | indent(4) }}
    from {{ ref('int_calls__tasks') }}
    where is_tracked_call
),

-- R12.7: for an activity touch, the campaign name of its rule and its Type.
activities as (
    select distinct
        'activity' as origin,
        {{- channel_inputs_without_visit({
            'utm_medium': "coalesce(activity_type, '')", 'utm_source': "'CRM Activity'", 'utm_campaign': "coalesce(campaign_name, '')"
        }) | indent(4) }}
    from {{ ref('int_crm_rules__activities') }}
),

combinations as (
    select * from sessions
    union all
    select * from calls
    union all
    select * from activities
)

select
    row_number() over (order by origin, {{ channel_inputs() | join(', ') }}) as channel_input_key,
    *
from combinations
