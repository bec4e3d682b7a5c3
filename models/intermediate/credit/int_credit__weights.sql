{%- set models = attribution_models() %}
with seed_rows as (
    select
        {{ trim_text('model') }} as model,
        {{ trim_text('position') }} as position_name,
        {{ parse_number('weight') }} as weight,
        {{ trim_text('until') }} as middle_until
    from {{ ref('attribution_models') }}
),

problems as (
    select 'model ' || coalesce(model, '(blank)') || ' is unknown; allowed: {{ models | join(", ") }}.' as problem
    from seed_rows
    where model is null
        or model not in ('{{ models | join("', '") }}')
    {%- for model in models %}
    union all
    select 'model {{ model }} has no rows.'
    from (select count(*) as found from seed_rows where model = '{{ model }}') as rows_of_model
    where found = 0
    {%- endfor %}
    union all
    select 'position ' || coalesce(position_name, '(blank)') || ' of model ' || model
        || ' is unknown; allowed: FT, LC, OC, Closed, middle and the stages of seeds/stages.csv.'
    from seed_rows
    where position_name is null
        or position_name in ('PostLC', 'Form', 'Pending')
        or position_name <> 'middle' and position_name not in (
            select position_name from {{ ref('int_opportunities__position_names') }}
        )
    union all
    select 'position ' || position_name || ' of model ' || model || ' occurs twice.'
    from seed_rows
    group by model, position_name
    having count(*) > 1
    union all
    select 'the weight of position ' || position_name || ' of model ' || model
        || ' is not a number from 0 to 100 with at most four decimals.'
    from seed_rows
    where coalesce(not weight between 0 and 100 or weight <> round(weight, 4), true)
    union all
    select 'the weights of model ' || model || ' add up to ' || cast(cast(sum(weight) as decimal(18, 4)) as string)
        || ' instead of 100.'
    from seed_rows
    where weight between 0 and 100
    group by model
    having sum(weight) <> 100
    union all
    select 'column until of position ' || position_name || ' of model ' || model || ' is '
        || coalesce(middle_until, '(blank)')
        || '; allowed for middle: LC, OC or Closed, the position up to which middle touches count; blank for other positions.'
    from seed_rows
    where case when position_name = 'middle' then coalesce(middle_until not in ('LC', 'OC', 'Closed'), true)
        else middle_until is not null end
)

select
    seed_rows.model,
    seed_rows.position_name,
    cast(seed_rows.weight * 10000 as bigint) as weight,
    seed_rows.middle_until
from (select 'seeds/attribution_models.csv: ' || min(problem) as problem from problems) as checked
left join seed_rows on true
where {{ raise_if('checked.problem') }}
