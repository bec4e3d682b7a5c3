-- One row per channel path that a touch has, under Marketo Measure's names.
select
    {{ biz_columns({'ID': 'channel_path', 'NAME': 'channel_path'}) }}
from (select distinct channel_path from {{ ref('fct_touchpoints') }}) as channels
