-- Counts every landed row even in an incremental build, because a single row shows that a field is tracked (R7.4).
select
    'Lead' as object,
    count(*) as history_rows
from {{ source('all_salesforce', 'LeadHistory') }}
where Field = 'Status'
    and not _is_deleted
union all
select
    'Opportunity',
    count(*)
from {{ source('all_salesforce', 'OpportunityHistory') }}
where not _is_deleted
