-- R10.3, R10.4: every condition is a list of tests, of which one has to hold; only `matches any` has more than one.
with conditions as (
    select
        condition_number,
        object,
        field,
        operator,
        value
    from {{ ref('int_crm_rules__conditions') }}
),

field_values as (
    select
        object,
        record_id,
        field,
        value
    from {{ ref('int_crm_rules__field_values') }}
),

lists as (
    select *
    from conditions
    where operator in ('matches any', 'matches any (contains)')
),

list_parts as (
    select
        condition_number,
        object,
        field,
        operator,
        {{ trim_text('part') }} as value
    from ({{ row_per_part('lists', 'value', ',', 'part') }}) as parts
),

tests as (
    select
        condition_number,
        object,
        field,
        case
            when value is null and operator = 'is equal to' then 'is empty'
            when value is null and operator = 'is not equal to' then 'is filled'
            else operator
        end as test,
        value
    from conditions
    where operator not in ('matches any', 'matches any (contains)')
    union all
    -- Stars work as in the rule sheet (R3.1).
    select
        condition_number,
        object,
        field,
        case
            when value like '*%*' or value = '*' then 'contains'
            when value like '*%' then 'ends with'
            when value like '%*' then 'starts with'
            when operator = 'matches any (contains)' then 'contains'
            else 'is equal to'
        end,
        coalesce({{ trim_characters('value', "'*'") }}, '')
    from list_parts
    where value is not null
),

typed as (
    select
        condition_number,
        object,
        field,
        test,
        lower(case when right(field, 2) = 'id' and test in ('is equal to', 'is not equal to')
            then {{ salesforce_id('value') }} else value end) as text_value,
        {{ parse_boolean('value') }} as boolean_value,
        {{ condition_number('value') }} as number_value,
        {{ condition_day('value') }} as day_value,
        {{ condition_time('value') }} as time_value
    from tests
)

select distinct
    field_values.object,
    field_values.record_id,
    typed.condition_number
from field_values
inner join typed
    on field_values.object = typed.object
    and field_values.field = typed.field
where case typed.test
    when 'is empty' then field_values.value is null
    when 'is filled' then field_values.value is not null
    when 'is equal to' then {{ equals_condition('field_values.value', 'typed') }}
    when 'is not equal to' then not {{ equals_condition('field_values.value', 'typed') }}
    when 'contains' then position(typed.text_value in lower(field_values.value)) > 0
    when 'starts with' then substr(lower(field_values.value), 1, length(typed.text_value)) = typed.text_value
    when 'ends with' then right(lower(field_values.value), length(typed.text_value)) = typed.text_value
    when 'greater than' then {{ compared('field_values.value', '>', 'typed') }}
    when 'less than' then {{ compared('field_values.value', '<', 'typed') }}
    when 'is greater or equal than' then {{ compared('field_values.value', '>=', 'typed') }}
    when 'is less or equal than' then {{ compared('field_values.value', '<=', 'typed') }}
end
