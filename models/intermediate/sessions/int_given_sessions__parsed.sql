-- One row per live session that the source gives (R4.1; empty where sessions are made from page views): keys, start
-- and what channels are decided from.
select
    sessions.session_id,
    sessions.cookie_id,
    sessions.visitor_id,
    sessions.started_at,
    {{ visit_inputs('sessions.landing_page_raw', 'sessions.landing_page',
        'coalesce(sessions.referrer_page_raw, sessions.referrer_page)', 'sessions.utm_medium', 'sessions.utm_source',
        'sessions.utm_campaign', 'sessions.web_source', 'sessions.ad_provider', 'sessions.source_channel') }},
    sessions.utm_term is not null or sessions.utm_content is not null as has_other_utm
from {{ ref('stg_web__sessions') }} as sessions
cross join {{ ref('int_sessions__source') }} as source_choice
where source_choice.uses_given_sessions
    and not sessions.is_deleted
    and sessions.started_at is not null
