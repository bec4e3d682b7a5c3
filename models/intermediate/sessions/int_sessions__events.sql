{%- set cookie_order = '(partition by cookie_id order by event_at, kind_order, event_id)' -%}
{%- set session_order = '(partition by cookie_id, session_number order by event_at, kind_order, event_id)' -%}

with session_origin as (
    select * from {{ ref('int_visits__session_origin') }}
),

page_views as (
    select
        page_views.page_view_id as event_id,
        page_views.cookie_id,
        page_views.visitor_id,
        page_views.viewed_at as event_at,
        0 as kind_order,
        page_views.click_ids,
        (
            coalesce(hosts.is_external and not hosts.is_ignored, false)
            or coalesce(parameters.has_utm, false)
            or coalesce(parameters.has_click_id, false)
        )
        {%- if not variable('repeated_referrer_starts_session') %}
        and page_views.repeatable_arrival || page_views.click_ids is distinct from
            lag(page_views.repeatable_arrival || page_views.click_ids) over (
                partition by page_views.cookie_id order by page_views.viewed_at, page_views.page_view_id
            )
        {%- endif %} as is_arrival
    from {{ ref('int_visits__page_views') }} as page_views
    left join {{ ref('int_visits__referrer_hosts') }} as hosts on page_views.referrer_host = hosts.host
    left join {{ ref('int_visits__parameters') }} as parameters
        on page_views.parameter_names = parameters.parameter_names
),

forms as (
    select
        form_id as event_id,
        cookie_id,
        visitor_id,
        submitted_at as event_at,
        1 as kind_order,
        '' as click_ids,
        false as is_arrival
    from {{ ref('stg_web__form_submits') }}
    cross join session_origin
    where not session_origin.uses_source_sessions
        and not is_deleted
        and cookie_id is not null
        and submitted_at is not null
),

events as (
    select * from page_views
    union all
    select * from forms
),

pauses as (
    select
        *,
        -- R4.1: at equal times, page views come before forms, then the smaller id.
        case
            when event_at <= {{ add_minutes('lag(event_at) over ' ~ cookie_order, variable('session_timeout_minutes')) }}
                then false
            else true
        end as is_after_pause
    from events
),

-- R4.1: the same click id again within the session is one click. A session has at most the click id with which it started,
-- because another one starts a session. So the click id is repeated if the last event that could have started a session
-- has it too.
openings as (
    select
        *,
        case
            when is_after_pause then 1
            when not is_arrival then 0
            when click_ids <> '' and click_ids = lag(click_ids) over (
                partition by cookie_id, is_after_pause or is_arrival order by event_at, kind_order, event_id
            ) then 0
            else 1
        end as opens_session
    from pauses
),

numbered as (
    select
        *,
        sum(opens_session) over (
            partition by cookie_id order by event_at, kind_order, event_id
            rows between unbounded preceding and current row
        ) as session_number
    from openings
)

select
    event_id,
    kind_order = 0 as is_page_view,
    cookie_id,
    visitor_id,
    event_at,
    -- A form and a page view can have the same id.
    first_value(case when kind_order = 0 then event_id else 'form-' || event_id end) over {{ session_order }}
        as session_id,
    row_number() over {{ session_order }} as event_number
from numbered
