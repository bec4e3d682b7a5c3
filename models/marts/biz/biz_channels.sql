with channel_paths as (
    select channel_path from {{ ref('fct_touchpoints') }}
    union
    select CHANNEL_NAME from {{ ref('biz_costs') }} where CHANNEL_NAME is not null
)

select
    {{ biz_columns({'ID': 'channel_path', 'NAME': 'channel_path'}) }}
from channel_paths
