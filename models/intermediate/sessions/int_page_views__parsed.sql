-- One row per live page view of a known cookie where sessions are made from page views (R4.1; else empty): keys, time
-- and what arrivals and channels are decided from.
select
    page_views.page_view_id,
    page_views.cookie_id,
    page_views.visitor_id,
    page_views.viewed_at,
    {{ visit_inputs('page_views.page_raw', 'page_views.page',
        'coalesce(page_views.referrer_page_raw, page_views.referrer_page)', 'cast(null as varchar)',
        'cast(null as varchar)', 'cast(null as varchar)', 'cast(null as varchar)', 'cast(null as varchar)',
        'cast(null as varchar)') }}
from {{ ref('stg_web__page_views') }} as page_views
cross join {{ ref('int_sessions__source') }} as source_choice
where not source_choice.uses_given_sessions
    and not page_views.is_deleted
    and page_views.cookie_id is not null
    and page_views.viewed_at is not null
