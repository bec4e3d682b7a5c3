select
    {{ biz_columns({'ID': 'channel_path', 'NAME': 'channel_path'}) }}
from (select distinct channel_path from {{ ref('fct_touchpoints') }}) as channels
