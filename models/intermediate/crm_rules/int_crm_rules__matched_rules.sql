with conditions as (
    select
        condition_key,
        record_object,
        rule,
        box
    from {{ ref('int_crm_rules__conditions') }}
),

matched_conditions as (
    select
        object,
        record_id,
        condition_key
    from {{ ref('int_crm_rules__matched_conditions') }}
),

members as (
    select
        campaign_member_id,
        campaign_id
    from {{ ref('stg_salesforce__campaign_members') }}
    where not is_deleted
),

box_sizes as (
    select
        record_object,
        rule,
        box,
        count(*) as conditions
    from conditions
    group by record_object, rule, box
),

-- R11.2: a member has the fields of its Campaign too.
met_conditions as (
    select
        record_id,
        condition_key
    from matched_conditions
    where object <> 'Campaign'
    union all
    select
        members.campaign_member_id,
        matched_conditions.condition_key
    from matched_conditions
    inner join members on matched_conditions.record_id = members.campaign_id
    where matched_conditions.object = 'Campaign'
),

met_boxes as (
    select
        met_conditions.record_id,
        conditions.record_object,
        conditions.rule,
        conditions.box,
        count(*) as conditions
    from met_conditions
    inner join conditions on met_conditions.condition_key = conditions.condition_key
    group by met_conditions.record_id, conditions.record_object, conditions.rule, conditions.box
)

select
    met_boxes.record_object,
    met_boxes.record_id,
    min(met_boxes.rule) as rule
from met_boxes
inner join box_sizes
    on met_boxes.record_object = box_sizes.record_object
    and met_boxes.rule = box_sizes.rule
    and met_boxes.box = box_sizes.box
    and met_boxes.conditions = box_sizes.conditions
group by met_boxes.record_object, met_boxes.record_id
