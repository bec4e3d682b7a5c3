-- A run checks the seed before it lands anything (orchestration/lib/build/seed_files.py).
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
    position_name,
    cast(position_order as bigint) as position_order,
    object,
    stage_number
from known
