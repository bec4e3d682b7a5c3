-- R1.3: the fields of `call_time_ladder` stay text, because a date without a time of day is not midnight.
select
    _row_key as task_id,
    _is_deleted as is_deleted,
    {{ normalise_cookie('bizible2__BizibleId__c') }} as bizible_id,
    {{ salesforce_id('WhoId') }} as who_id,
    {{ salesforce_id('WhatId') }} as what_id,
    {{ salesforce_id('OwnerId') }} as owner_id,
    Type as task_type,
    TaskSubtype as task_subtype,
    CallType as call_type,
    {{ parse_seconds('CallDurationInSeconds') }} as call_duration_seconds,
    CallDurationInSeconds as call_duration_text,
    CallObject as call_object,
    CallDisposition as call_disposition,
    {%- for field in variable('call_time_ladder') %}
    {{ raw_column(source('salesforce', 'Task'), field, "Variable 'call_time_ladder'") }} as call_time_text_{{ loop.index }},
    {%- endfor %}
    {{ parse_timestamp('CreatedDate') }} as created_at,
    {{ parse_timestamp('LastModifiedDate') }} as modified_at,
    {{ parse_date('ActivityDate') }} as activity_date,
    Subject as subject,
    Description as description,
    _version_at,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'Task') }}
