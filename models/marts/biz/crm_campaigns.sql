select
    campaign_id,
    campaign_name,
    coalesce(modified_at, _version_at, created_at) as modified_at
from {{ ref('stg_salesforce__campaigns') }}
where not is_deleted
