with stages as (
    select
        position_name,
        stage_number
    from {{ ref('int_opportunities__position_names') }}
    where object = 'Lead'
),

history as (
    select
        lead_id,
        new_value,
        created_at
    from {{ ref('stg_salesforce__lead_history') }}
    where field = 'Status'
        and not is_deleted
        and created_at is not null
),

crm_records as (
    select
        crm_id,
        record_id
    from {{ ref('int_identity__crm_records') }}
),

entered as (
    select
        history.lead_id,
        stages.stage_number,
        max(history.created_at) as entered_at
    from history
    inner join stages on history.new_value = stages.position_name
    group by history.lead_id, stages.stage_number
),

-- R7.4: a skipped stage goes with the next entered stage.
reached as (
    select
        entered.lead_id,
        stages.position_name,
        entered.entered_at,
        row_number() over (
            partition by entered.lead_id, stages.position_name order by entered.stage_number
        ) as stage_rank
    from stages
    inner join entered on stages.stage_number <= entered.stage_number
)

select
    crm_records.record_id,
    reached.position_name,
    max(reached.entered_at) as entered_at
from reached
inner join crm_records on reached.lead_id = crm_records.crm_id
where reached.stage_rank = 1
group by crm_records.record_id, reached.position_name
