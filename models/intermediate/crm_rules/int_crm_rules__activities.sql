with matched_rules as (
    select
        record_object,
        record_id,
        rule
    from {{ ref('int_crm_rules__matched_rules') }}
    where record_object in ('Task', 'Event')
),

rules as (
    select distinct
        record_object,
        rule,
        date_field
    from {{ ref('int_crm_rules__conditions') }}
),

campaign_names as (
    select
        record_object,
        rule,
        part_number,
        field,
        is_user,
        text
    from {{ ref('int_crm_rules__campaign_names') }}
),

field_values as (
    select
        object,
        record_id,
        field,
        value
    from {{ ref('int_crm_rules__field_values') }}
),

users as (
    select
        user_id,
        user_name
    from {{ ref('stg_salesforce__users') }}
    where not is_deleted
),

activities as (
    select
        'Task' as object,
        task_id as record_id,
        who_id,
        task_type as activity_type
    from {{ ref('stg_salesforce__tasks') }}
    where task_id in (select record_id from matched_rules)
    union all
    select
        'Event',
        event_id,
        who_id,
        event_type
    from {{ ref('stg_salesforce__events') }}
    where event_id in (select record_id from matched_rules)
),

-- R12.6: the User's name, or the id if that User is not landed.
parameter_values as (
    select
        matched_rules.record_object,
        matched_rules.record_id,
        campaign_names.part_number,
        campaign_names.text,
        case
            when users.user_id is not null then users.user_name
            when campaign_names.is_user then {{ salesforce_id('field_values.value') }}
            else field_values.value
        end as parameter_value
    from matched_rules
    inner join campaign_names
        on matched_rules.record_object = campaign_names.record_object
        and matched_rules.rule = campaign_names.rule
    left join field_values
        on matched_rules.record_object = field_values.object
        and matched_rules.record_id = field_values.record_id
        and campaign_names.field = field_values.field
    left join users
        on campaign_names.is_user
        and {{ salesforce_id('field_values.value') }} = users.user_id
),

named as (
    select
        record_object,
        record_id,
        {{ ordered_listagg("coalesce(parameter_value, '') || text", ['part_number'], separator='') }} as campaign_name
    from parameter_values
    group by record_object, record_id
)

select
    activities.object as activity_object,
    activities.record_id as activity_id,
    matched_rules.rule,
    {{ parse_timestamp('dates.value') }} as touchpoint_date,
    {{ trim_text('named.campaign_name') }} as campaign_name,
    activities.activity_type,
    activities.who_id
from activities
inner join matched_rules
    on activities.object = matched_rules.record_object
    and activities.record_id = matched_rules.record_id
inner join rules
    on matched_rules.record_object = rules.record_object
    and matched_rules.rule = rules.rule
left join field_values as dates
    on activities.object = dates.object
    and activities.record_id = dates.record_id
    and rules.date_field = dates.field
left join named
    on activities.object = named.record_object
    and activities.record_id = named.record_id
