-- The newest version of every Lead.
select
    _row_key as lead_id,
    lower(Email) as email,
    {{ parse_timestamp('CreatedDate') }} as created_at,
    {{ parse_timestamp('LastModifiedDate') }} as modified_at,
    Status as status,
    coalesce({{ parse_boolean('IsConverted') }}, false) as is_converted,
    {{ parse_timestamp('ConvertedDate') }} as converted_at,
    {{ salesforce_id('ConvertedContactId') }} as converted_contact_id,
    {{ salesforce_id('ConvertedAccountId') }} as converted_account_id,
    {{ salesforce_id('ConvertedOpportunityId') }} as converted_opportunity_id,
    {{ normalise_cookie('bizible2__BizibleId__c') }} as bizible_id,
    LeadSource as lead_source,
    Company as company,
    Website as website,
    FirstName as first_name,
    LastName as last_name,
    _is_deleted as is_deleted,
    _version_at,
    _loaded_at,
    _batch_id
from {{ source('salesforce', 'Lead') }}
