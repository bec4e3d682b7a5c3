{{ kept('touchpoints') }}
-- One row per touch: every live session, and every call that makes a touchpoint of its own (R1.6, R1.7, R2).
with touches as (
    select * from {{ ref('int_touchpoints') }} where {{ in_scope('touchpoints', 'touchpoint_id') }}
),

-- R2.4: what the source's own columns fill is not looked for in the landing page.
queries as (
    select
        *,
        case when utm_content is null or (keyword_text is null and utm_term is null)
            then {{ url_query('landing_page_raw') }} end as query
    from {{ ref('int_sessions__attributes') }}
    where {{ in_scope('sessions', 'session_id') }}
),

attributes as (
    select
        *,
        {{ raw_parameter('query', 'utm_content') }} as raw_utm_content,
        {{ raw_parameter('query', 'utm_term') }} as raw_utm_term,
        {{ raw_parameter('query', '_bk') }} as raw_bk
    from queries
),

forms as (
    select * from {{ ref('stg_web__form_submits') }} where {{ in_scope('forms', 'form_id') }}
),

joined as (
    select
        touches.*,
        attributes.source_channel,
        attributes.landing_page,
        attributes.landing_page_raw,
        attributes.referrer_page,
        coalesce(forms.page, {{ url_page('forms.page_raw') }}) as form_page,
        -- R2.4: what the source's own columns do not fill comes from the landing page.
        coalesce(attributes.ad_campaign_name, touches.utm_campaign) as ad_campaign_name,
        attributes.ad_campaign_id,
        attributes.ad_group_name,
        attributes.ad_group_id,
        coalesce(attributes.utm_content, {{ url_value('attributes.raw_utm_content') }}) as ad_content,
        attributes.ad_id,
        coalesce(
            attributes.keyword_text,
            attributes.utm_term,
            {{ url_value('attributes.raw_utm_term') }},
            {{ url_value('attributes.raw_bk') }}
        ) as keyword_text,
        attributes.keyword_id,
        attributes.search_phrase,
        attributes.city,
        attributes.region,
        attributes.country,
        attributes.device
    from touches
    left join attributes on touches.session_id = attributes.session_id
    left join forms on touches.form_id = forms.form_id
)

select
    touchpoint_id,
    session_id,
    crm_task_id,
    cookie_id,
    touchpoint_date,
    touchpoint_type,
    marketing_touch_type,
    is_type_defaulted,
    is_conversion,
    medium,
    session_medium,
    touchpoint_source,
    channel,
    subchannel,
    channel_path,
    source_channel,
    channel_path || ' [Bizible]' as crm_campaign,
    landing_page,
    landing_page_raw,
    referrer_page,
    form_page,
    form_submitted_at,
    called_at,
    ad_campaign_name,
    -- Ids without a platform are the value itself, marked.
    coalesce(ad_campaign_id, case when resolved_platform is null then '__GAId__' || ad_campaign_name end)
        as ad_campaign_id,
    ad_group_name,
    ad_group_id,
    ad_content,
    coalesce(ad_id, case when resolved_platform is null then '__GAId__' || ad_content end) as ad_id,
    keyword_text,
    coalesce(keyword_id, case when resolved_platform is null then '__GAId__' || keyword_text end) as keyword_id,
    search_phrase,
    city,
    region,
    country,
    device
from joined
