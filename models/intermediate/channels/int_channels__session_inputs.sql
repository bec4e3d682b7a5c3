{{ config(materialized='one_statement_view' if target.type == 'duckdb' else 'view') }}

select
    session_id,
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
from {{ ref('int_visits__source_sessions') }}

union all

select
    sessions.session_id,
    coalesce(page_views.referrer_host, ''),
    coalesce(page_views.page, ''),
    coalesce(page_views.parameter_names, ''),
    coalesce(page_views.utm_medium, ''),
    false,
    coalesce(page_views.utm_source, ''),
    coalesce(page_views.utm_campaign, ''),
    '',
    '',
    coalesce(page_views.landing_page_network, ''),
    '',
    false
from {{ ref('int_sessions__keys') }} as sessions
cross join {{ ref('int_visits__session_origin') }} as session_origin
left join {{ ref('int_visits__page_views') }} as page_views on sessions.first_page_view_id = page_views.page_view_id
where not session_origin.uses_source_sessions
