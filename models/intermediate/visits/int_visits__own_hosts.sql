{{ config(
    materialized='global_table' if target.type in ('duckdb', 'spark') else 'table',
    meta={'change': 'The set of own hosts changed; list them in variable own_hosts to avoid this.', 'is_union': true}
) }}

-- Only an empty variable reads these models; declared here because one parse serves every value of a variable:
-- depends_on: {{ ref('stg_web__page_hosts') }}, {{ ref('int_visits__session_origin') }}
{% if variable('own_hosts') -%}
with hosts as (
    {#- Cookies write `.site.org` for a site with its sub-domains, which are always included. -#}
    {% for host in variable('own_hosts') -%}
    select {{ site_host(escaped_literal(host | trim('.'))) }} as host
    {{ 'union all' if not loop.last }}
    {% endfor %}
)
{%- else -%}
with hosts as (
    select page_hosts.host
    from {{ ref('stg_web__page_hosts') }} as page_hosts
    cross join {{ ref('int_visits__session_origin') }} as session_origin
    where page_hosts.table_name <> 'sessions'
        or session_origin.uses_source_sessions
)
{%- endif %}

select distinct
    case when substr(host, 1, 4) = 'www.' then substr(host, 5) else host end as host
from hosts
where host <> ''
