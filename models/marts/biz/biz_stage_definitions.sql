with stages as (
    select
        *,
        row_number() over (order by position_order) as stage_rank
    from {{ ref('int_opportunities__position_names') }}
    -- These positions are not stages.
    where position_name not in ('PostLC', 'Form', 'Pending')
),

in_custom_model as (
    select distinct position_name from {{ ref('int_credit__weights') }} where model = 'custom' and weight > 0
)

select
    {{ biz_columns({
        'ID': stage_id('stages.position_name'),
        'STAGE_NAME': 'stages.position_name',
        'IS_INACTIVE': 'false',
        'IS_IN_CUSTOM_MODEL': 'in_custom_model.position_name is not null',
        'IS_BOOMERANG': 'false',
        'IS_TRANSITION_TRACKING': 'true',
        'STAGE_STATUS': "case stages.position_name when 'Closed' then 'Closed' else 'Open' end",
        'IS_FROM_SALESFORCE': 'object is not null',
        'IS_DEFAULT': 'object is null',
        'RANK': 'stage_rank',
        'IS_DELETED': 'false',
    }) }}
from stages
left join in_custom_model on stages.position_name = in_custom_model.position_name
