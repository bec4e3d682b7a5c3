-- One row per live session: its wide text, as the source or its first page view gives it (R2.4, R4.2). A view: wide
-- text is read once, where the marts are written.
{{ config(materialized='view') }}

select
    session_id,
    source_channel,
    -- Cases, for DuckDB works out all of coalesce() in every row.
    coalesce(landing_page, case when landing_page is null then {{ url_page('landing_page_raw') }} end) as landing_page,
    landing_page_raw,
    coalesce(referrer_page, case when referrer_page is null then {{ url_page('referrer_page_raw') }} end) as referrer_page,
    ad_campaign_name,
    ad_campaign_id,
    ad_group_name,
    ad_group_id,
    ad_id,
    keyword_text,
    keyword_id,
    utm_term,
    utm_content,
    search_phrase,
    city,
    region,
    country,
    device
from {{ ref('stg_web__sessions') }}
cross join {{ ref('int_sessions__source') }} as source_choice
where source_choice.uses_given_sessions
    and not is_deleted

union all

select
    sessions.session_id,
    null,
    coalesce(page_views.page, {{ url_page('page_views.page_raw') }}),
    page_views.page_raw,
    coalesce(page_views.referrer_page, {{ url_page('page_views.referrer_page_raw') }}),
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    page_views.device
from {{ ref('int_sessions') }} as sessions
cross join {{ ref('int_sessions__source') }} as source_choice
left join {{ ref('stg_web__page_views') }} as page_views
    on sessions.first_page_view_id = page_views.page_view_id
where not source_choice.uses_given_sessions
