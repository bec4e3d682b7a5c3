with stages as (
    select
        position_name,
        object,
        stage_number
    from {{ ref('int_opportunities__stages') }}
    where is_tracked
),

leads as (
    select
        lead_id,
        status,
        created_at
    from {{ ref('stg_salesforce__leads') }}
    where not is_deleted
        and exists (select 1 from stages where object = 'Lead')
),

lead_history as (
    select
        history_id,
        lead_id,
        old_value,
        new_value,
        created_at
    from {{ ref('stg_salesforce__lead_history') }}
    where field = 'Status'
        and not is_deleted
        and created_at is not null
        and exists (select 1 from stages where object = 'Lead')
),

opportunities as (
    select
        opportunity_id,
        stage_name,
        created_at
    from {{ ref('stg_salesforce__opportunities') }}
    where not is_deleted
        and exists (select 1 from stages where object = 'Opportunity')
),

opportunity_history as (
    select
        history_id,
        opportunity_id,
        stage_name,
        created_at
    from {{ ref('stg_salesforce__opportunity_history') }}
    where not is_deleted
        and created_at is not null
        and exists (select 1 from stages where object = 'Opportunity')
),

first_changes as (
    select
        lead_id,
        old_value,
        row_number() over (partition by lead_id order by created_at, history_id) as change_rank
    from lead_history
),

-- R7.4 (1): the values of the field in their order. The value at creation comes first.
field_values as (
    select
        'Lead' as object,
        leads.lead_id as crm_id,
        case when first_changes.lead_id is null then leads.status else first_changes.old_value end as field_value,
        leads.created_at as set_at,
        0 as value_order,
        cast(null as string) as history_id
    from leads
    left join first_changes
        on leads.lead_id = first_changes.lead_id
        and first_changes.change_rank = 1
    union all
    select
        'Lead',
        lead_id,
        new_value,
        created_at,
        1,
        history_id
    from lead_history
    union all
    select
        'Opportunity',
        opportunity_id,
        stage_name,
        created_at,
        0,
        null
    from opportunities
    where opportunity_id not in (select opportunity_id from opportunity_history where opportunity_id is not null)
    union all
    select
        'Opportunity',
        opportunity_id,
        stage_name,
        created_at,
        1,
        history_id
    from opportunity_history
),

numbered as (
    select
        object,
        crm_id,
        field_value,
        set_at,
        row_number() over (partition by object, crm_id order by value_order, set_at, history_id) as value_number,
        lag(field_value) over (partition by object, crm_id order by value_order, set_at, history_id) as previous_value
    from field_values
    where crm_id is not null
),

entered as (
    select
        numbered.object,
        numbered.crm_id,
        numbered.set_at,
        numbered.value_number,
        stages.stage_number
    from numbered
    inner join stages
        on numbered.object = stages.object
        and numbered.field_value = stages.position_name
    where numbered.set_at is not null
        and (numbered.previous_value is null or numbered.previous_value <> numbered.field_value)
),

-- R7.4 (2): an entry ends the current entries of its own stage and of every later stage.
entered_and_ended as (
    select
        entered.object,
        entered.crm_id,
        entered.set_at as entered_at,
        stages.position_name,
        stages.stage_number,
        stages.stage_number = entered.stage_number as is_entry,
        lead(entered.set_at) over (
            partition by entered.object, entered.crm_id, stages.stage_number order by entered.value_number
        ) as ended_at
    from entered
    inner join stages
        on entered.object = stages.object
        and entered.stage_number <= stages.stage_number
)

select
    object,
    crm_id,
    position_name,
    stage_number,
    entered_at,
    ended_at
from entered_and_ended
where is_entry
    -- A later change at the same time replaces an entry.
    and (ended_at is null or ended_at > entered_at)
