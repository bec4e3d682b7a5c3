with named as (
    select AD_PROVIDER from {{ in_marts(ref('biz_sessions')) }}
    union
    select AD_PROVIDER from {{ in_marts(ref('biz_costs')) }}
)

select
    {{ biz_columns({'ID': 'AD_PROVIDER', 'NAME': 'AD_PROVIDER'}) }}
from named
where AD_PROVIDER is not null
