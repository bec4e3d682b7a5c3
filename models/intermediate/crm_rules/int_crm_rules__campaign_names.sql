{{ config(materialized={'spark': 'table', 'duckdb': 'one_statement_view'}.get(target.type, 'view')) }}

-- R12.6: `Call {AssignedTo} of {Type}` is split at each opening brace. A part without a closing one is text.
with rules as (
    select distinct
        record_object,
        rule,
        campaign_name
    from {{ ref('int_crm_rules__conditions') }}
    where campaign_name is not null
),

parts as (
    {{ row_per_part('rules', 'campaign_name', '{', 'part', 'part_number') | indent(4) }}
),

first_parts as (
    select
        record_object,
        rule,
        min(part_number) as part_number
    from parts
    group by record_object, rule
),

split_parts as (
    select
        parts.record_object,
        parts.rule,
        parts.part_number,
        case
            when parts.part_number > first_parts.part_number and position('}' in parts.part) > 0
                then substr(parts.part, 1, position('}' in parts.part) - 1)
        end as parameter,
        case
            when parts.part_number = first_parts.part_number then parts.part
            when position('}' in parts.part) > 0 then substr(parts.part, position('}' in parts.part) + 1)
            else '{' || parts.part
        end as text
    from parts
    inner join first_parts
        on parts.record_object = first_parts.record_object
        and parts.rule = first_parts.rule
),

named as (
    select
        *,
        {{ parameter_name('parameter', 'record_object') }} as parameter_name
    from split_parts
)

select
    record_object,
    rule,
    part_number,
    case parameter_name when 'assignedto' then 'ownerid' when 'createdby' then 'createdbyid' else parameter_name end as field,
    coalesce(parameter_name in ('assignedto', 'createdby'), false) as is_user,
    text
from named
