-- R10.1: a setting of the whole rule is on all of its rows, or on one. Every object of `activity_rules` has its own
-- sequence of rules (R12.1). A run checks both seeds before it lands anything (orchestration/lib/crm_rules.py).
with campaign_rules as (
    select
        cast(null as string) as object,
        {{ trim_text('rule') }} as rule,
        {{ trim_text('box') }} as box,
        {{ trim_text('field') }} as field,
        {{ trim_text('operator') }} as operator,
        {{ trim_text('value') }} as value,
        {{ trim_text('touchpoint_date') }} as touchpoint_date,
        cast(null as string) as campaign_name
    from {{ ref('campaign_rules') }}
),

activity_rules as (
    select
        {{ trim_text('object') }} as object,
        {{ trim_text('rule') }} as rule,
        {{ trim_text('box') }} as box,
        {{ trim_text('field') }} as field,
        {{ trim_text('operator') }} as operator,
        {{ trim_text('value') }} as value,
        {{ trim_text('touchpoint_date') }} as touchpoint_date,
        {{ trim_text('campaign_name') }} as campaign_name
    from {{ ref('activity_rules') }}
),

rows_of_rules as (
    select
        'CampaignMember' as record_object,
        *
    from campaign_rules
    where rule is not null
    union all
    select
        coalesce({{ object_of('object') }}, {{ object_of('field') }}),
        *
    from activity_rules
    where rule is not null
),

rules as (
    select
        *,
        cast({{ parse_number('rule') }} as bigint) as rule_number,
        max(touchpoint_date) over (partition by record_object, {{ parse_number('rule') }}) as date_text,
        max(campaign_name) over (partition by record_object, {{ parse_number('rule') }}) as name_text
    from rows_of_rules
),

parsed as (
    select distinct
        record_object,
        rule_number as rule,
        coalesce(box, '') as box,
        {{ object_of('field') }} as object,
        {{ field_of('field') }} as field,
        lower(operator) as operator,
        value,
        {{ object_of('date_text') }} as date_object,
        {{ field_of('date_text') }} as date_field,
        name_text as campaign_name
    from rules
)

select
    row_number() over (order by record_object, rule, box, object, field, operator, value) as condition_key,
    record_object,
    rule,
    box,
    object,
    field,
    operator,
    value,
    date_object,
    date_field,
    campaign_name
from parsed
