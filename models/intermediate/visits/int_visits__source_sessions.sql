-- The SQL of this model contains rows of this seed as literals.
-- depends_on: {{ ref('ad_networks') }}
with queries as (
    select
        sessions.*,
        sessions.landing_page_raw as page_raw,
        sessions.landing_page as page,
        coalesce(sessions.referrer_page_raw, sessions.referrer_page) as referrer,
        {{ url_query('coalesce(sessions.landing_page_raw, sessions.landing_page)') }} as query
    from {{ ref('stg_web__sessions') }} as sessions
    cross join {{ ref('int_visits__session_origin') }} as session_origin
    where session_origin.uses_source_sessions
        and not sessions.is_deleted
        and sessions.started_at is not null
),

visits as (
    select
        *,
        {{ raw_parameters('query') }}
    from queries
)

select
    session_id,
    cookie_id,
    visitor_id,
    started_at,
    {{ visit_inputs('visits') }},
    utm_term is not null or utm_content is not null as has_other_utm
from visits
