-- R16.1: `Social.Facebook` without a subchannel is the subchannel Facebook of Social.
select
    case when SubChannel is null then {{ path_channel('Channel') }} else Channel end as channel,
    coalesce(SubChannel, {{ path_subchannel('Channel') }}) as subchannel,
    CampaignId as campaign_id,
    CampaignName as campaign_name,
    upper(Currency) as currency_code,
    {{ parse_month('Month') }} as month,
    {{ parse_cost('Cost') }} as cost,
    _row_key,
    _version_at,
    _source_file,
    _source_revision,
    _source_line,
    _loaded_at,
    _load_id
from {{ source('spend', 'marketing_spend') }}
where not _is_deleted
