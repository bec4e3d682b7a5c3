with built_in as (
    select
        position_name,
        position_order
    from (
        values
            ('FT', 1), ('LC', 2), ('PostLC', 2000000), ('OC', 2000001), ('Form', 4000000), ('Closed', 4000001),
            ('Pending', 4000002)
    ) as names (position_name, position_order)
),

stages as (
    select
        {{ trim_text('stage') }} as stage,
        {{ trim_text('object') }} as object,
        {{ parse_number('stage_order') }} as stage_order
    from {{ ref('stages') }}
),

problems as (
    select 'seeds/stages.csv: a row has no stage.' as problem from stages where stage is null
    union all
    select 'seeds/stages.csv: stage ' || stage || ' belongs to object '
        || coalesce(object, '(blank)') || '; allowed: Lead, Opportunity.'
    from stages
    where stage is not null
        and coalesce(object not in ('Lead', 'Opportunity'), true)
    union all
    select 'seeds/stages.csv: stage ' || stage || ' needs a number in column stage_order.'
    from stages
    where stage_order is null
    union all
    select 'seeds/stages.csv: stage ' || stage || ' occurs twice; list it once, for one object.'
    from stages
    group by stage
    having count(*) > 1
    union all
    select 'seeds/stages.csv: ' || stage || ' is the name of a position; a stage needs another name.'
    from stages
    where lower(stage) = 'middle'
        or stage in (select position_name from built_in)
),

known as (
    select
        position_name,
        position_order,
        cast(null as string) as object,
        cast(null as bigint) as stage_number
    from built_in
    union all
    select
        stage,
        case object when 'Lead' then 1000000 else 3000000 end
            + row_number() over (partition by object order by stage_order, stage),
        object,
        row_number() over (partition by object order by stage_order, stage)
    from stages
)

select
    known.position_name,
    cast(known.position_order as bigint) as position_order,
    known.object,
    known.stage_number
from known
cross join (select min(problem) as problem from problems) as checked
where {{ raise_if('checked.problem') }}
