{{ kept('touchpoints') }}
-- One row per touch: what only the biz views show of it, beside fct_touchpoints, which holds the rest.
-- After that one, for two wide writes at a time need twice the memory:
-- depends_on: {{ ref('fct_touchpoints') }}
with touches as (
    select
        touchpoint_id,
        session_id,
        form_id
    from {{ ref('int_touchpoints') }}
    where session_id is not null
        and {{ in_scope('touchpoints', 'touchpoint_id') }}
),

sessions as (
    select * from {{ ref('int_sessions') }} where {{ in_scope('sessions', 'session_id') }}
),

inputs as (
    select * from {{ ref('int_sessions__visit_inputs') }} where {{ in_scope('sessions', 'session_id') }}
),

given as (
    select * from {{ ref('stg_web__sessions') }} where {{ in_scope('sessions', 'session_id') }}
),

export as (
    select * from {{ ref('stg_web__session_details') }} where {{ in_scope('sessions', 'session_id') }}
),

page_views as (
    select * from {{ ref('stg_web__page_views') }}
),

forms as (
    select * from {{ ref('stg_web__form_submits') }} where {{ in_scope('forms', 'form_id') }}
),

session_forms as (
    select
        session_id,
        max(case when is_chat then 0 else 1 end) = 1 as has_form,
        max(case when is_chat then 1 else 0 end) = 1 as has_chat,
        max(case when email is not null then 1 else 0 end) = 1 as has_email
    from {{ ref('int_forms__placed') }}
    where session_id is not null
        and {{ in_scope('sessions', 'session_id') }}
    group by session_id
)

select
    touches.touchpoint_id,
    coalesce(sessions.visitor_id, sessions.cookie_id) as visitor_id,
    export.modified_at,
    export.is_first_session,
    coalesce(export.page_title, page_views.page_title) as page_title,
    coalesce(given.referrer_page_raw, page_views.referrer_page_raw) as referrer_page_raw,
    export.referrer_name,
    coalesce(export.has_form, false) or coalesce(session_forms.has_form, false) as has_form,
    coalesce(export.has_chat, false) or coalesce(session_forms.has_chat, false) as has_chat,
    coalesce(export.has_email, false) or coalesce(session_forms.has_email, false) as has_email,
    coalesce(export.has_crm_activity, false) as has_crm_activity,
    forms.page_raw as form_page_raw,
    given.ad_provider,
    export.ad_account_id,
    export.ad_account_name,
    export.advertiser_id,
    export.advertiser_name,
    export.site_id,
    export.site_name,
    export.placement_id,
    export.placement_name,
    export.ad_name,
    export.creative_id,
    export.creative_name,
    export.creative_description_1,
    export.creative_description_2,
    export.creative_destination_url,
    export.creative_display_url,
    export.keyword_match_type,
    nullif(inputs.utm_campaign, '') as utm_campaign,
    nullif(inputs.utm_source, '') as utm_source,
    given.utm_term,
    export.isp_name,
    coalesce(export.ip_address, page_views.ip_address) as ip_address,
    export.exported_at,
    export.export_modified_at
from touches
inner join sessions on touches.session_id = sessions.session_id
inner join inputs on touches.session_id = inputs.session_id
left join given on touches.session_id = given.session_id
left join export on touches.session_id = export.session_id
left join page_views on sessions.first_page_view_id = page_views.page_view_id
left join forms on touches.form_id = forms.form_id
left join session_forms on touches.session_id = session_forms.session_id
