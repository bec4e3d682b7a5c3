with sessions as (
    select distinct
        'session' as origin,
        referrer_host,
        page,
        parameter_names,
        utm_medium,
        has_own_medium,
        utm_source,
        utm_campaign,
        web_source,
        ad_provider,
        landing_page_network,
        source_channel,
        has_other_utm
    from {{ ref('int_channels__session_inputs') }}
),

-- R3.3: for a separate call, the rule sheet compares its Type as medium and `Salesforce Task` (or Event) as source.
calls as (
    select distinct
        'call' as origin,
        '' as referrer_host,
        '' as page,
        '' as parameter_names,
        coalesce(touchpoint_medium, '') as utm_medium,
        false as has_own_medium,
        {{ call_source('activity_object') }} as utm_source,
        '' as utm_campaign,
        '' as web_source,
        '' as ad_provider,
        '' as landing_page_network,
        '' as source_channel,
        false as has_other_utm
    from {{ ref('int_calls__tasks') }}
    where is_tracked_call
),

-- R12.7: for an activity touch, the campaign name of its rule and its Type.
activities as (
    select distinct
        'activity' as origin,
        '' as referrer_host,
        '' as page,
        '' as parameter_names,
        coalesce(activity_type, '') as utm_medium,
        false as has_own_medium,
        'CRM Activity' as utm_source,
        coalesce(campaign_name, '') as utm_campaign,
        '' as web_source,
        '' as ad_provider,
        '' as landing_page_network,
        '' as source_channel,
        false as has_other_utm
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
    row_number() over (
        order by origin, referrer_host, page, parameter_names, utm_medium, has_own_medium, utm_source, utm_campaign,
            web_source, ad_provider, landing_page_network, source_channel, has_other_utm
    ) as channel_input_id,
    *
from combinations
