-- A view, because fct_touchpoints alone reads the wide text. It does not filter deleted sessions: DuckDB would then expect a
-- fifth of the rows and hash the wide text instead of the keys. int_touchpoints__touches has only live sessions.
{{ config(materialized='one_statement_view' if target.type == 'duckdb' else 'view') }}

select
    sessions.session_id,
    sessions.cookie_id,
    sessions.visitor_id,
    sessions.started_at,
    sessions._version_at,
    -- `case` avoids work: DuckDB evaluates all arguments of coalesce() in every row.
    {{ select_session_columns('sessions', changed={
        'landing_page': 'coalesce(sessions.landing_page, case when sessions.landing_page is null then '
            ~ url_page('sessions.landing_page_raw') ~ ' end)',
        'referrer_page': 'coalesce(sessions.referrer_page, case when sessions.referrer_page is null then '
            ~ url_page('sessions.referrer_page_raw') ~ ' end)',
    }) }}
from {{ ref('stg_web__sessions') }} as sessions
cross join {{ ref('int_visits__session_origin') }} as session_origin
where session_origin.uses_source_sessions

union all

-- R4.2: the first page view gives the session its attributes.
select
    sessions.session_id,
    sessions.cookie_id,
    sessions.visitor_id,
    sessions.started_at,
    page_views._version_at,
    {{ select_known_session_columns({
        'landing_page': 'coalesce(page_views.page, ' ~ url_page('page_views.page_raw') ~ ')',
        'landing_page_raw': 'page_views.page_raw',
        'referrer_page': 'coalesce(page_views.referrer_page, ' ~ url_page('page_views.referrer_page_raw') ~ ')',
        'referrer_page_raw': 'page_views.referrer_page_raw',
        'page_title': 'page_views.page_title',
        'device': 'page_views.device',
        'ip_address': 'page_views.ip_address',
    }) }}
from {{ ref('int_sessions__derived') }} as sessions
left join {{ ref('stg_web__page_views') }} as page_views
    on sessions.first_page_view_id = page_views.page_view_id
