-- What the export says of a session and only the biz views show: no rule reads it. Whoever maps another tracker may
-- leave it empty.
select
    _row_key as session_id,
    {{ parse_timestamp('MODIFIED_DATE') }} as modified_at,
    {{ parse_boolean('IS_FIRST_SESSION') }} as is_first_session,
    PAGE_TITLE as page_title,
    REFERRER_NAME as referrer_name,
    {{ parse_boolean('HAS_FORM') }} as has_form,
    {{ parse_boolean('HAS_CHAT') }} as has_chat,
    {{ parse_boolean('HAS_EMAIL') }} as has_email,
    {{ parse_boolean('HAS_CRM_ACTIVITY') }} as has_crm_activity,
    ACCOUNT_UNIQUE_ID as ad_account_id,
    ACCOUNT_NAME as ad_account_name,
    ADVERTISER_UNIQUE_ID as advertiser_id,
    ADVERTISER_NAME as advertiser_name,
    SITE_UNIQUE_ID as site_id,
    SITE_NAME as site_name,
    PLACEMENT_UNIQUE_ID as placement_id,
    PLACEMENT_NAME as placement_name,
    AD_NAME as ad_name,
    CREATIVE_UNIQUE_ID as creative_id,
    CREATIVE_NAME as creative_name,
    CREATIVE_DESCRIPTION_1 as creative_description_1,
    CREATIVE_DESCRIPTION_2 as creative_description_2,
    CREATIVE_DESTINATION_URL as creative_destination_url,
    CREATIVE_DISPLAY_URL as creative_display_url,
    KEYWORD_MATCH_TYPE as keyword_match_type,
    ISP_NAME as isp_name,
    IP_ADDRESS as ip_address,
    {{ parse_timestamp('_CREATED_DATE') }} as exported_at,
    {{ parse_timestamp('_MODIFIED_DATE') }} as export_modified_at
from {{ source('web', 'sessions') }}
where not _is_deleted
