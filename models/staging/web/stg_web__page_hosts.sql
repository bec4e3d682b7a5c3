-- Reads every landed row even in an incremental build, because your own hosts decide which referrers are external (R4.1).
select distinct
    'sessions' as table_name,
    {{ url_host(url_page('coalesce(LANDING_PAGE_RAW, LANDING_PAGE)')) }} as host
from {{ source('all_web', 'sessions') }}
where not _is_deleted
union all
select distinct
    'page_views',
    {{ url_host('coalesce(CURRENT_PAGE_RAW, CURRENT_PAGE)') }}
from {{ source('all_web', 'page_views') }}
where not _is_deleted
union all
select distinct
    'form_submits',
    {{ url_host('coalesce(CURRENT_PAGE_RAW, CURRENT_PAGE)') }}
from {{ source('all_web', 'form_submits') }}
where not _is_deleted
