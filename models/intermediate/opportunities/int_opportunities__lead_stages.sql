with stages as (
    select * from {{ ref('int_opportunities__position_names') }} where object = 'Lead'
),

entered as (
    select
        history.lead_id,
        stages.stage_number,
        max(history.created_at) as entered_at
    from {{ ref('stg_salesforce__lead_history') }} as history
    inner join stages on history.new_value = stages.position_name
    where history.field = 'Status'
        and not history.is_deleted
        and history.created_at is not null
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
inner join {{ ref('int_identity__crm_records') }} as crm_records on reached.lead_id = crm_records.crm_id
where reached.stage_rank = 1
group by crm_records.record_id, reached.position_name
