with referrers as (
    select referrer_host as host from {{ ref('int_visits__source_sessions') }} where referrer_host <> ''
    union
    select referrer_host from {{ ref('int_visits__page_views') }} where referrer_host <> ''
),

hosts as (
    select
        host,
        {{ host_without_suffix('host') }} as host_name
    from referrers
),

own as (
    select distinct hosts.host
    from hosts
    inner join {{ ref('int_visits__own_hosts') }} as own_hosts
        on hosts.host = own_hosts.host
        or substr(hosts.host, length(hosts.host) - length(own_hosts.host)) = '.' || own_hosts.host
),

engines as (
    select
        hosts.host,
        min(search_engines.search_engine) as search_engine
    from hosts
    inner join {{ ref('search_engines') }} as search_engines
        on {{ host_matches('hosts', 'search_engines.host_pattern') }}
    group by hosts.host
),

networks as (
    select
        hosts.host,
        min(social_networks.social_network) as social_network
    from hosts
    inner join {{ ref('social_networks') }} as social_networks
        on {{ host_matches('hosts', 'social_networks.host_pattern') }}
    group by hosts.host
),

sign_ins as (
    select distinct hosts.host
    from hosts
    inner join {{ ref('identity_providers') }} as identity_providers
        on {{ host_matches('hosts', 'identity_providers.host_pattern') }}
),

ignored as (
    select distinct hosts.host
    from hosts
    inner join {{ ref('ignored_referrers') }} as ignored_referrers
        on {{ host_matches('hosts', 'ignored_referrers.host_pattern') }}
)

select
    hosts.host,
    own.host is null
    {%- if variable('session_channel_carryover') %}
    -- R3.4: a return from a sign-in service is not an arrival.
    and sign_ins.host is null
    {%- endif %} as is_external,
    engines.search_engine,
    networks.social_network,
    -- R4.1: payment and sign-in pages do not start a session.
    ignored.host is not null as is_ignored
from hosts
left join own on hosts.host = own.host
left join engines on hosts.host = engines.host
left join networks on hosts.host = networks.host
left join sign_ins on hosts.host = sign_ins.host
left join ignored on hosts.host = ignored.host
