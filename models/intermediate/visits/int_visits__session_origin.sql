-- One row: whether sessions are given or made from page views (R4.1).
-- Read with `auto` only; named here because one parse serves every value of a variable:
-- depends_on: {{ ref('stg_web__sessions') }}
select
    {% if var('session_source') == 'auto' -%}
    (select count(*) from {{ ref('stg_web__sessions') }}) > 0
    {%- else -%}
    {{ 'true' if var('session_source') == 'sessions' else 'false' }}
    {%- endif %} as uses_given_sessions
