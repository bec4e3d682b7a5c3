-- Counts every landed row even in an incremental build, because a single live session of the source decides for all (R4.1, R1.10).
select count(*) as sessions
from {{ all_web_rows('sessions', ['_is_deleted']) }}
where not _is_deleted
