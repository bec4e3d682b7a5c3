select
    _row_key as campaign_member_id,
    {{ salesforce_id('CampaignId') }} as campaign_id,
    {{ salesforce_id('LeadId') }} as lead_id,
    {{ salesforce_id('ContactId') }} as contact_id,
    Status as status,
    coalesce({{ parse_boolean('HasResponded') }}, false) as has_responded,
    {{ parse_date('FirstRespondedDate') }} as first_responded_on,
    {{ parse_timestamp('bizible2__Bizible_Touchpoint_Date__c') }} as touchpoint_date,
    {{ parse_timestamp('CreatedDate') }} as created_at,
    {{ parse_timestamp('LastModifiedDate') }} as modified_at,
    _is_deleted as is_deleted,
    _version_at,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'CampaignMember') }}
