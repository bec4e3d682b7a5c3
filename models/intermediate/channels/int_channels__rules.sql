with sheet as (
    select
        {{ seed_row(ref('channel_rules')) }} as rule_order,
        {%- for column in rule_sheet_cells() %}
        {{ adapter.quote(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('channel_rules') }}
),

cells as (
    {% for column in rule_sheet_cells() -%}
    select
        rule_order,
        '{{ column }}' as cell,
        alternative
    from ({{ row_per_part('sheet', adapter.quote(column), ';', 'alternative') }}) as split_cells
    where {{ trim_text(adapter.quote(column)) }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

alternatives as (
    select
        rule_order,
        cell,
        lower({{ trim_text('alternative') }}) as alternative
    from cells
),

-- Drop blank alternatives, unless a filled cell has no others: it matches nothing.
counted as (
    select
        *,
        count(alternative) over (partition by rule_order, cell) as alternative_count
    from alternatives
),

-- R3.1: a referring website is compared with hosts, so the path in its cell is left out: `https://www.site.org/*` is
-- `www.site.org`, and `*partner.org/*` is `*partner.org`. `*google.com/maps*` stays and matches nothing, because it would match
-- all of Google without its path.
sites as (
    select
        *,
        case
            when cell <> 'Referring Website' or substr(alternative, 1, 1) = '[' then null
            when substr(alternative, 1, 1) <> '*' then split_part({{ url_without_scheme('alternative') }}, '/', 1)
            when alternative like '%/*' then substr(alternative, 1, length(alternative) - 2)
            when alternative like '%/' then substr(alternative, 1, length(alternative) - 1)
        end as site
    from counted
),

conditions as (
    select
        rule_order,
        cell,
        case when {{ trim_characters('site', "'*'") }} <> '' then site else alternative end as alternative
    from sites
    where alternative is not null
        or alternative_count = 0
),

parsed as (
    select
        rule_order,
        cell,
        case
            when substr(alternative, 1, 1) = '[' and cell = 'Referring Website' then 'builtin'
            when alternative = '*' then 'any'
            when substr(alternative, 1, 1) = '*' and substr(alternative, length(alternative), 1) = '*' then 'contains'
            when substr(alternative, 1, 1) = '*' then 'ends_with'
            when substr(alternative, length(alternative), 1) = '*' then 'starts_with'
            when alternative is null then 'nothing'
            else 'equals'
        end as operator,
        coalesce({{ trim_characters('alternative', "'*'") }}, '') as pattern
    from conditions
)

select distinct
    rule_order,
    cell,
    operator,
    case
        when operator = 'builtin' then trim({{ trim_characters('pattern', "'[]'") }})
        -- Pages are compared without scheme, query and trailing slash.
        when operator = 'equals' and cell = 'Referring Website' then {{ site_host('pattern') }}
        when operator = 'equals' and cell = 'Landing Page' then {{ trim_characters(url_page('pattern'), "'/'", 'trailing') }}
        when cell = 'Landing Page' then {{ url_without_scheme('pattern') }}
        else pattern
    end as pattern
from parsed
