select
    _row_key as contact_id,
    {{ salesforce_id('AccountId') }} as account_id,
    lower(Email) as email,
    {{ parse_timestamp('CreatedDate') }} as created_at,
    {{ parse_timestamp('LastModifiedDate') }} as modified_at,
    {{ normalise_cookie('bizible2__BizibleId__c') }} as bizible_id,
    LeadSource as lead_source,
    FirstName as first_name,
    LastName as last_name,
    Title as job_title,
    _is_deleted as is_deleted,
    _version_at,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'Contact') }}
