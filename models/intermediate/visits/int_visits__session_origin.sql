{{ config(
    materialized='global_table' if target.type in ('duckdb', 'spark') else 'table',
    meta={'change': 'The origin of sessions changed between page views and web/sessions.'}
) }}

-- Only `auto` reads this model; declared here because one parse serves every value of a variable:
-- depends_on: {{ ref('stg_web__session_count') }}
select
    {% if variable('session_source') == 'auto' -%}
    (select sessions from {{ ref('stg_web__session_count') }}) > 0
    {%- else -%}
    {{ 'true' if variable('session_source') == 'sessions' else 'false' }}
    {%- endif %} as uses_source_sessions
