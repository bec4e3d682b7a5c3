select
    _row_key as contact_role_id,
    {{ salesforce_id('OpportunityId') }} as opportunity_id,
    {{ salesforce_id('ContactId') }} as contact_id,
    Role as role,
    coalesce({{ parse_boolean('IsPrimary') }}, false) as is_primary,
    {{ parse_timestamp('CreatedDate') }} as created_at,
    {{ parse_timestamp('LastModifiedDate') }} as modified_at,
    _is_deleted as is_deleted,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'OpportunityContactRole') }}
