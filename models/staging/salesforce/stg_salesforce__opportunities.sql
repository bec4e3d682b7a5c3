{%- set amounts = {} %}
{%- for field in variable('opportunity_amount_fields') %}
    {%- do amounts.update({
        field: parse_number(raw_column(source('salesforce', 'Opportunity'), field, "Variable 'opportunity_amount_fields'"))
    }) %}
{%- endfor -%}
-- R17.1: the first field that can be read as a number, zero included.
-- R8.4: a won opportunity is closed, also in an export without IsClosed. Otherwise its amount would be pipeline revenue as well.
select
    _row_key as opportunity_id,
    {{ salesforce_id('AccountId') }} as account_id,
    Name as opportunity_name,
    StageName as stage_name,
    {{ salesforce_id('OwnerId') }} as owner_id,
    coalesce({{ amounts.values() | join(', ') }}, null) as amount,
    case
        {%- for field, amount in amounts.items() %}
        when {{ amount }} is not null then '{{ field }}'
        {%- endfor %}
    end as amount_source,
    upper(CurrencyIsoCode) as currency_code,
    {{ parse_timestamp('CreatedDate') }} as created_at,
    {{ parse_timestamp('LastModifiedDate') }} as modified_at,
    {{ parse_date('CloseDate') }} as close_date,
    coalesce({{ parse_boolean('IsClosed') }}, false) or coalesce({{ parse_boolean('IsWon') }}, false) as is_closed,
    coalesce({{ parse_boolean('IsWon') }}, false) as is_won,
    Type as opportunity_type,
    LeadSource as lead_source,
    _is_deleted as is_deleted,
    _version_at,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'Opportunity') }}
