with named as (
    select AD_PROVIDER from {{ in_marts(ref('biz_sessions')) }}
)

select
    {{ biz_columns({'ID': 'AD_PROVIDER', 'NAME': 'AD_PROVIDER'}) }}
from (select distinct AD_PROVIDER from named where AD_PROVIDER is not null) as providers
