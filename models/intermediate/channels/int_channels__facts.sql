with inputs as (
    select * from {{ ref('int_channels__inputs') }}
),

-- WEB_SOURCE can repeat utm_source instead of naming a platform; then it does not indicate an ad.
platforms_of_source as (
    select
        inputs.channel_input_key,
        min(ad_platforms.ad_platform) as ad_platform,
        min(ad_platforms.ad_network) as ad_network
    from inputs
    inner join {{ ref('ad_platforms') }} as ad_platforms
        on ad_platforms.found_in = 'WEB_SOURCE'
        and lower(inputs.web_source) = lower(ad_platforms.value)
        and lower(inputs.web_source) <> lower(inputs.utm_source)
    group by inputs.channel_input_key
),

platforms_of_provider as (
    select
        inputs.channel_input_key,
        min(ad_platforms.ad_platform) as ad_platform,
        min(ad_platforms.ad_network) as ad_network
    from inputs
    inner join {{ ref('ad_platforms') }} as ad_platforms
        on ad_platforms.found_in = 'AD_PROVIDER'
        and lower(inputs.ad_provider) = lower(ad_platforms.value)
    group by inputs.channel_input_key
),

platforms_of_parameters as (
    select
        inputs.channel_input_key,
        min(ad_parameters.ad_platform) as ad_platform,
        min(ad_parameters.ad_network) as ad_network
    from inputs
    inner join {{ ref('ad_parameters') }} as ad_parameters
        on lower(inputs.utm_source) = lower(ad_parameters.utm_source)
        and lower(inputs.utm_medium) = lower(ad_parameters.utm_medium)
    group by inputs.channel_input_key
),

combined as (
    select
        inputs.*,
        -- R2.4: the source or a paid click id resolves the platform; utm parameters alone only decide the channel.
        coalesce(
            by_source.ad_platform, by_provider.ad_platform,
            case when parameters.is_paid_click then parameters.ad_platform end
        ) as resolved_platform,
        coalesce(
            by_source.ad_network, by_provider.ad_network,
            case when parameters.is_paid_click then parameters.ad_network end
        ) as resolved_network,
        by_parameters.ad_platform as parameter_platform,
        by_parameters.ad_network as parameter_network,
        case when not parameters.is_paid_click then parameters.ad_platform end as unpaid_click_network,
        coalesce(parameters.has_click_id, false) as has_click_id,
        coalesce(parameters.has_utm, false)
        or inputs.utm_medium <> '' or inputs.utm_source <> '' or inputs.utm_campaign <> ''
        or inputs.has_other_utm as has_utm,
        coalesce(hosts.is_external, false) as has_external_referrer,
        -- R3.1: a referrer on one of your own hosts counts as none.
        case when hosts.is_external then hosts.search_engine end as referring_engine,
        case when hosts.is_external then hosts.social_network end as referring_network,
        nullif(inputs.landing_page_network, '') as page_network
    from inputs
    left join platforms_of_source as by_source on inputs.channel_input_key = by_source.channel_input_key
    left join platforms_of_provider as by_provider on inputs.channel_input_key = by_provider.channel_input_key
    left join platforms_of_parameters as by_parameters on inputs.channel_input_key = by_parameters.channel_input_key
    left join {{ ref('int_visits__parameters') }} as parameters
        on inputs.parameter_names = parameters.parameter_names
    left join {{ ref('int_visits__referrer_hosts') }} as hosts on inputs.referrer_host = hosts.host
)

select
    channel_input_key,
    origin,
    resolved_platform,
    coalesce(resolved_platform, parameter_platform) as ad_platform,
    -- The network that the landing page names overrides the platform's usual one, except for social ads.
    case
        when coalesce(resolved_network, parameter_network) = 'social' then 'social'
        when resolved_platform is not null or parameter_platform is not null
            then coalesce(page_network, resolved_network, parameter_network)
    end as ad_network,
    case when resolved_platform is null and parameter_platform is null then referring_engine end as search_engine,
    case when resolved_platform is null then coalesce(referring_network, unpaid_click_network) end as social_network,
    unpaid_click_network,
    has_click_id,
    has_utm,
    has_external_referrer,
    has_external_referrer or has_click_id or has_utm as is_arrival
from combined
