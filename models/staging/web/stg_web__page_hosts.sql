-- Reads every landed row even in an incremental build, because your own hosts decide which referrers are external (R4.1).
with pages as (
    select 'sessions' as table_name, coalesce(LANDING_PAGE_RAW, LANDING_PAGE) as page
    from {{ all_web_rows('sessions', ['LANDING_PAGE_RAW', 'LANDING_PAGE', '_is_deleted']) }}
    where not _is_deleted
    union all
    select 'page_views', coalesce(CURRENT_PAGE_RAW, CURRENT_PAGE)
    from {{ all_web_rows('page_views', ['CURRENT_PAGE_RAW', 'CURRENT_PAGE', '_is_deleted']) }}
    where not _is_deleted
    union all
    select 'form_submits', coalesce(CURRENT_PAGE_RAW, CURRENT_PAGE)
    from {{ all_web_rows('form_submits', ['CURRENT_PAGE_RAW', 'CURRENT_PAGE', '_is_deleted']) }}
    where not _is_deleted
),

-- Keeps the address up to the first slash after the scheme, so that each host is parsed once. Parsing it once per row took 38
-- seconds of an incremental build with 10 million sessions; a regular expression here takes 3.5 times as long as `position`.
origins as (
    select distinct
        table_name,
        case when position('/' in substr(page, 15)) > 0 then substr(page, 1, 13 + position('/' in substr(page, 15))) else page end as page
    from pages
)

select distinct
    table_name,
    {{ site_host('page') }} as host
from origins
