-- Counts every landed row, also in an incremental build: one session decides for all page views (R4.1).
select count(*) as sessions
from {{ source('all_web', 'sessions') }}
