{{ config(meta={'dagster': {'ref': {'name': 'fct_touchpoints'}}}) }}

-- No row is lost or duplicated: each Task (and tracked Event) has one verdict (R1.8), each live session (R1.6) and separate call (R1.7) one touch,
-- and each live form one row (R1.9).
with counts as (
    select
        'Tasks and their verdicts' as rows_of,
        (select count(*) from {{ source('salesforce', 'Task') }})
        + (select count(*) from {{ source('salesforce', 'Event') }} where {{ 'Event' in variable('call_tracking_objects') }})
            as rows_in,
        (select count(*) from {{ get_where_subquery(ref('fct_calls')) }}) as rows_out
    union all
    select
        'live sessions of the source',
        (
            select count(*)
            from {{ ref('stg_web__sessions') }}
            cross join {{ ref('int_visits__session_origin') }} as session_origin
            where session_origin.uses_source_sessions
                and not is_deleted
                and started_at is not null
        ),
        (
            select count(*)
            from {{ ref('int_sessions__keys') }}
            cross join {{ ref('int_visits__session_origin') }} as session_origin
            where session_origin.uses_source_sessions
        )
    union all
    select
        'live page views of derived sessions',
        (select count(*) from {{ ref('int_visits__page_views') }}),
        (select count(*) from {{ ref('int_sessions__events') }} where is_page_view)
    union all
    select
        'sessions and their touches',
        (select count(*) from {{ ref('int_sessions__keys') }}),
        (select count(*) from {{ get_where_subquery(ref('fct_touchpoints')) }} where session_id is not null)
    union all
    select
        'separate calls and their touches',
        (
            select count(*)
            from {{ get_where_subquery(ref('fct_calls')) }}
            where verdict in ('separate_unknown_bizible_id', 'separate_outside_window')
        ),
        (
            select count(*)
            from {{ get_where_subquery(ref('fct_touchpoints')) }}
            where session_id is null
                and campaign_member_id is null
                and crm_activity_id is null
        )
    union all
    select
        'campaign members and their verdicts',
        (select count(*) from {{ source('salesforce', 'CampaignMember') }}),
        (select count(*) from {{ get_where_subquery(ref('fct_campaign_members')) }})
    union all
    select
        'touches of campaign members and activities',
        (select count(*) from {{ get_where_subquery(ref('fct_campaign_members')) }} where verdict = 'touch')
        + (select count(*) from {{ get_where_subquery(ref('fct_activities')) }} where verdict = 'touch'),
        (
            select count(*)
            from {{ get_where_subquery(ref('fct_touchpoints')) }}
            where campaign_member_id is not null
                or crm_activity_id is not null
        )
    union all
    select
        'live forms and chats',
        (select count(*) from {{ ref('stg_web__form_submits') }} where not is_deleted and submitted_at is not null),
        (select count(*) from {{ ref('int_sessions__assigned_forms') }})
)

select *
from counts
where rows_in <> rows_out
