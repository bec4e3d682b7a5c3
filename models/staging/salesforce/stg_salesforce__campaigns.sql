select
    _row_key as campaign_id,
    Name as campaign_name,
    Type as campaign_type,
    bizible2__Bizible_Attribution_SyncType__c as sync_type,
    {{ parse_date('bizible2__Touchpoint_Start_Date__c') }} as touchpoints_from,
    {{ parse_date('bizible2__Touchpoint_End_Date__c') }} as touchpoints_before,
    Status as status,
    {{ parse_date('StartDate') }} as starts_on,
    {{ parse_date('EndDate') }} as ends_on,
    {{ parse_number('ActualCost') }} as actual_cost,
    upper(CurrencyIsoCode) as currency_code,
    {{ parse_timestamp('CreatedDate') }} as created_at,
    {{ parse_timestamp('LastModifiedDate') }} as modified_at,
    _is_deleted as is_deleted,
    _version_at,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'Campaign') }}
