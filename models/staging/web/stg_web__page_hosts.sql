-- Reads every landed row, also in an incremental build: which hosts are ours decides how every session is read (R4.1).
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
