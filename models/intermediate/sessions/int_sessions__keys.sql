{{ config(materialized='one_statement_view' if target.type == 'duckdb' else 'table') }}
select
    session_id,
    cookie_id,
    visitor_id,
    started_at,
    cast(null as string) as first_page_view_id
from {{ ref('int_visits__source_sessions') }}
union all
select
    session_id,
    cookie_id,
    visitor_id,
    started_at,
    first_page_view_id
from {{ ref('int_sessions__derived') }}
