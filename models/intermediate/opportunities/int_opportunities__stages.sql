with stages as (
    select
        position_name,
        stage_number
    from {{ ref('int_opportunities__position_names') }}
    where object = 'Opportunity'
),

-- R7.4: Salesforce writes a history row for any change; only a row whose stage differs from the previous row enters it.
history as (
    select
        opportunity_id,
        stage_name,
        created_at,
        lag(stage_name) over (partition by opportunity_id order by created_at, history_id) as previous_stage_name
    from {{ ref('stg_salesforce__opportunity_history') }}
    where not is_deleted
        and created_at is not null
        and exists (select 1 from stages)
),

entered as (
    select
        history.opportunity_id,
        stages.stage_number,
        max(history.created_at) as entered_at
    from history
    inner join stages on history.stage_name = stages.position_name
    where history.previous_stage_name is null
        or history.previous_stage_name <> history.stage_name
    group by history.opportunity_id, stages.stage_number
),

-- R7.4: a skipped stage goes with the next entered stage.
reached as (
    select
        entered.opportunity_id,
        stages.position_name,
        entered.entered_at,
        row_number() over (
            partition by entered.opportunity_id, stages.position_name order by entered.stage_number
        ) as stage_rank
    from stages
    inner join entered on stages.stage_number <= entered.stage_number
)

select
    opportunity_id,
    position_name,
    entered_at
from reached
where stage_rank = 1
