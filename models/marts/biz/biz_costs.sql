{%- set columns = {
    'ID': 'ad_costs.ad_cost_id',
    'MODIFIED_DATE': 'coalesce(ad_costs.modified_at, ad_costs._version_at)',
    'COST_DATE': 'ad_costs.cost_date',
    'SOURCE': 'ad_costs.source',
    'COST_IN_MICRO': 'ad_costs.cost_in_micro',
    'CLICKS': 'ad_costs.clicks',
    'IMPRESSIONS': 'ad_costs.impressions',
    'ESTIMATED_TOTAL_POSSIBLE_IMPRESSIONS': 'ad_costs.possible_impressions',
    'AD_PROVIDER': 'ad_costs.ad_provider',
    'CHANNEL_UNIQUE_ID': 'coalesce(ad_costs.channel_id, ad_costs.channel_path)',
    'CHANNEL_NAME': 'ad_costs.channel_path',
    'CHANNEL_IS_AGGREGATABLE_COST': 'ad_costs.is_channel_aggregatable',
    'IS_DELETED': 'ad_costs.is_deleted',
    'ISO_CURRENCY_CODE': 'ad_costs.currency_code',
    'SOURCE_ID': 'ad_costs.source_id',
    'CURRENCY_ID': currency_number('ad_costs.currency_code'),
    '_CREATED_DATE': 'ad_costs.exported_at',
    '_MODIFIED_DATE': 'ad_costs.export_modified_at',
    '_DELETED_DATE': deleted_at('ad_costs.is_deleted', ['ad_costs.export_deleted_at', 'ad_costs._version_at']),
} %}
{%- set other = {
    'ID': 'costs.cost_id',
    'COST_DATE': 'costs.cost_date',
    'COST_IN_MICRO': 'costs.cost_micro',
    'AD_PROVIDER': "case costs.cost_source when 'spend' then 'SelfReported' else 'CRM' end",
    'CHANNEL_UNIQUE_ID': 'costs.channel_path',
    'CHANNEL_NAME': 'costs.channel_path',
    'CHANNEL_IS_AGGREGATABLE_COST': 'true',
    'IS_DELETED': 'false',
    'ISO_CURRENCY_CODE': 'costs.currency_code',
    'CURRENCY_ID': currency_number('costs.currency_code'),
    'CAMPAIGN_UNIQUE_ID': 'costs.campaign_id',
    'CAMPAIGN_NAME': 'costs.campaign_name',
    'CAMPAIGN_ROW_KEY': row_key('costs.campaign_id'),
} %}
{%- for level in ['ACCOUNT', 'ADVERTISER', 'SITE', 'PLACEMENT', 'CAMPAIGN', 'AD_GROUP', 'AD', 'CREATIVE', 'KEYWORD'] %}
{%- set column = 'ad_costs.' ~ level | lower %}
{%- do columns.update({
    level ~ '_UNIQUE_ID': column ~ '_id',
    level ~ '_NAME': column ~ '_name',
    level ~ '_IS_AGGREGATABLE_COST': 'ad_costs.is_' ~ level | lower ~ '_aggregatable',
    level ~ '_ROW_KEY': row_key(column ~ '_id'),
}) %}
{%- do other.update({level ~ '_IS_AGGREGATABLE_COST': 'true' if level == 'CAMPAIGN' else 'false'}) %}
{%- endfor %}

select
    {{ biz_columns(columns) }}
from {{ ref('stg_spend__ad_costs') }} as ad_costs
union all
select
    {{ biz_columns(other) }}
from {{ ref('fct_costs') }} as costs
where costs.cost_source <> 'ads'
