-- The SQL of this model contains rows of these seeds as literals.
-- depends_on: {{ ref('ad_networks') }}, {{ ref('click_ids') }}
with queries as (
    select
        page_views.*,
        coalesce(page_views.referrer_page_raw, page_views.referrer_page) as referrer,
        {{ url_query('coalesce(page_views.page_raw, page_views.page)') }} as query,
        {%- for column in ['utm_medium', 'utm_source', 'utm_campaign', 'web_source', 'ad_provider', 'source_channel'] %}
        cast(null as string) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_web__page_views') }} as page_views
    cross join {{ ref('int_visits__session_origin') }} as session_origin
    where not session_origin.uses_source_sessions
        and not page_views.is_deleted
        and page_views.is_page_view
        and page_views.cookie_id is not null
        and page_views.viewed_at is not null
),

visits as (
    select
        *,
        {{ raw_parameters('query') }}
    from queries
)

select
    page_view_id,
    cookie_id,
    visitor_id,
    viewed_at,
    {{ visit_inputs('visits') }},
    coalesce({{ arrival_parameters('query', click_ids=true) }}, '') as click_ids,
    -- R4.1: read only if a repeated referrer starts no session.
    {% if variable('repeated_referrer_starts_session') -%}
    '' as repeatable_arrival
    {%- else -%}
    coalesce(referrer, '') || ' ' || coalesce({{ arrival_parameters('query', click_ids=false) }}, '') as repeatable_arrival
    {%- endif %}
from visits
