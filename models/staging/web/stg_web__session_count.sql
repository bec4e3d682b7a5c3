-- Counts every landed row even in an incremental build, because a single source session decides for all (R4.1).
select count(*) as sessions
from {{ all_web_rows('sessions', []) }}
