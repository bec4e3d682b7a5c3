-- One row per host of ours (R4.1): variable own_hosts, else the hosts of the pages seen, without `www.`.
-- Read without the variable only; named here because one parse serves every value of it:
-- depends_on: {{ ref('int_visits__source_sessions') }}
-- depends_on: {{ ref('int_visits__page_view_keys') }}, {{ ref('stg_web__form_submits') }}
{% if var('own_hosts') -%}
with hosts as (
    {% for host in var('own_hosts') -%}
    select lower('{{ host }}') as host
    {{ 'union all' if not loop.last }}
    {% endfor %}
)
{%- else -%}
with hosts as (
    select distinct {{ url_host('page') }} as host
    from (select distinct page from {{ ref('int_visits__source_sessions') }}) as pages
    union all
    select distinct page_host from {{ ref('int_visits__page_view_keys') }}
    union all
    select distinct {{ url_host('coalesce(page_raw, page)') }} from {{ ref('stg_web__form_submits') }} where not is_deleted
)
{%- endif %}

select distinct
    case when substr(host, 1, 4) = 'www.' then substr(host, 5) else host end as host
from hosts
where host <> ''
