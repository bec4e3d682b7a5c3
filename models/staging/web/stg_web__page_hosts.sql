-- Reads every landed row even in an incremental build, because your own hosts decide which referrers are external (R4.1).
with pages as (
    select 'sessions' as table_name, coalesce(LANDING_PAGE_RAW, LANDING_PAGE) as page
    from {{ source('all_web', 'sessions') }}
    where not _is_deleted
    union all
    select 'page_views', coalesce(CURRENT_PAGE_RAW, CURRENT_PAGE)
    from {{ source('all_web', 'page_views') }}
    where not _is_deleted
    union all
    select 'form_submits', coalesce(CURRENT_PAGE_RAW, CURRENT_PAGE)
    from {{ source('all_web', 'form_submits') }}
    where not _is_deleted
),

-- Up to the first slash after the scheme: one host then is parsed once instead of once per row. At 10 million sessions this
-- model took 38 of the 75 seconds of an incremental build; it takes a tenth of them.
origins as (
    select distinct
        table_name,
        {{ captured('page', '^(.{0,14}[^/]*)') }} as page
    from pages
)

select distinct
    table_name,
    {{ site_host('page') }} as host
from origins
