-- One row per live web session, given or made from page views: keys and start only (R4.1).
with given as (
    select
        session_id,
        cookie_id,
        visitor_id,
        started_at,
        cast(null as string) as first_page_view_id
    from {{ ref('int_given_sessions__parsed') }}
),

made as (
    select
        session_id,
        max(cookie_id) as cookie_id,
        -- R4.2: the attributes are those of the first page view, also where a form opened the session.
        coalesce(
            {{ first_by('visitor_id', 'event_number', 'is_page_view') }},
            max(case when event_number = 1 then visitor_id end)
        ) as visitor_id,
        min(event_at) as started_at,
        {{ first_by('event_id', 'event_number', 'is_page_view') }} as first_page_view_id
    from {{ ref('int_page_views__sessionised') }}
    group by session_id
)

select * from given
union all
select * from made
