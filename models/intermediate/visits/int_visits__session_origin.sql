{{ config(
    materialized='global_table' if target.type in ('duckdb', 'spark') else 'table',
    meta={'change': 'Sessions came from page views and now come from web/sessions, or the other way round.'}
) }}

-- The staging model is read with `auto` only; it is named here because one parse serves every value of a variable:
-- depends_on: {{ ref('stg_web__session_count') }}
select
    {% if variable('session_source') == 'auto' -%}
    (select sessions from {{ ref('stg_web__session_count') }}) > 0
    {%- else -%}
    {{ 'true' if variable('session_source') == 'sessions' else 'false' }}
    {%- endif %} as uses_source_sessions
