select
    _row_key as history_id,
    {{ salesforce_id('OpportunityId') }} as opportunity_id,
    StageName as stage_name,
    {{ parse_number('Amount') }} as amount,
    {{ parse_timestamp('CreatedDate') }} as created_at,
    {{ parse_date('CloseDate') }} as close_date,
    _is_deleted as is_deleted,
    _version_at,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'OpportunityHistory') }}
