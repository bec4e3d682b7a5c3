select
    _row_key as event_id,
    {{ salesforce_id('WhoId') }} as who_id,
    {{ salesforce_id('WhatId') }} as what_id,
    {{ salesforce_id('AccountId') }} as account_id,
    {{ salesforce_id('OwnerId') }} as owner_id,
    Subject as subject,
    Description as description,
    Type as event_type,
    {%- for field in call_time_fields().Event %}
    {{ field }} as call_time_text_{{ loop.index }},
    {%- endfor %}
    {{ parse_timestamp('StartDateTime') }} as starts_at,
    {{ parse_timestamp('EndDateTime') }} as ends_at,
    {{ parse_timestamp('CreatedDate') }} as created_at,
    {{ parse_timestamp('LastModifiedDate') }} as modified_at,
    {{ normalise_cookie('bizible2__BizibleId__c') }} as bizible_id,
    _is_deleted as is_deleted,
    _version_at,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'Event') }}
