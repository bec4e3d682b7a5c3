-- R16.1: `Social.Facebook` without a subchannel is the subchannel Facebook of Social.
with spend as (
    select
        *,
        case when SubChannel is null then position('.' in Channel) else 0 end as dot
    from {{ source('spend', 'marketing_spend') }}
)

select
    case when dot > 1 then substr(Channel, 1, dot - 1) else Channel end as channel,
    case when dot > 1 then nullif(substr(Channel, dot + 1), '') else SubChannel end as subchannel,
    CampaignId as campaign_id,
    CampaignName as campaign_name,
    upper(Currency) as currency_code,
    {{ parse_month('Month') }} as month,
    {{ parse_cost('Cost') }} as cost,
    _row_key,
    _source_file,
    _source_revision,
    _source_line,
    _loaded_at,
    _load_id
from spend
