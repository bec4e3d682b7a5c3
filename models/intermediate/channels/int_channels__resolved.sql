{%- set cells = rule_sheet_cells() %}

with inputs as (
    select * from {{ ref('int_channels__inputs') }}
),

facts as (
    select * from {{ ref('int_channels__facts') }}
),

rules as (
    select * from {{ ref('int_channels__rules') }}
),

numbered as (
    select
        {{ seed_row(ref('channel_rules')) }} as rule_order,
        {{ trim_text(adapter.quote('Channel')) }} as channel,
        {{ trim_text(adapter.quote('Subchannel')) }} as subchannel
    from {{ ref('channel_rules') }}
),

sheet as (
    select *
    from numbered
    -- Sheets contain empty rows as layout; without this filter they would match everything.
    where channel is not null
),

-- R3.1: the column Referring Website sees external referrers only, so `*` there means any other site.
external_referrers as (
    select
        inputs.channel_input_key,
        inputs.referrer_host
    from inputs
    inner join facts on inputs.channel_input_key = facts.channel_input_key
    where facts.has_external_referrer
),

-- Compare each distinct value of a column with the patterns once.
{% for cell, column in cells.items() %}
{{ column }}_matches as (
    select distinct
        distinct_values.value,
        rules.rule_order
    from (
        select distinct
            {{ column }} as value,
            lower({{ trim_characters('page', "'/'", 'trailing') ~ " || '/'" if column == 'page' else column }}) as compared
        from {{ 'external_referrers' if column == 'referrer_host' else 'inputs' }}
        where {{ column }} <> ''
    ) as distinct_values
    inner join rules
        on rules.cell = '{{ cell }}'
        and case rules.operator
            when 'any' then true
            when 'contains' then position(rules.pattern in distinct_values.compared) > 0
            {% if column == 'referrer_host' -%}
            -- A site includes all sub-domains of its host; the pattern may omit `.com`.
            when 'equals' then distinct_values.compared in (rules.pattern, rules.pattern || '.com')
                or right(distinct_values.compared, length(rules.pattern) + 1) = '.' || rules.pattern
                or right(distinct_values.compared, length(rules.pattern) + 5) = '.' || rules.pattern || '.com'
            when 'starts_with' then position('.' || rules.pattern in '.' || distinct_values.compared) > 0
            when 'ends_with' then right(distinct_values.compared, length(rules.pattern)) = rules.pattern
                or right(distinct_values.compared, length(rules.pattern) + 4) = rules.pattern || '.com'
            {%- elif column == 'page' -%}
            -- A trailing slash does not matter.
            when 'equals' then distinct_values.compared = rules.pattern || '/'
            when 'starts_with' then substr(distinct_values.compared, 1, length(rules.pattern)) = rules.pattern
            when 'ends_with' then right(distinct_values.compared, length(rules.pattern)) = rules.pattern
                or right(distinct_values.compared, length(rules.pattern) + 1) = rules.pattern || '/'
            {%- else -%}
            when 'equals' then distinct_values.compared = rules.pattern
            when 'starts_with' then substr(distinct_values.compared, 1, length(rules.pattern)) = rules.pattern
            when 'ends_with' then right(distinct_values.compared, length(rules.pattern)) = rules.pattern
            {%- endif %}
            else false
        end
),
{% endfor %}
matched_cells as (
    {% for cell, column in cells.items() -%}
    select
        inputs.channel_input_key,
        {{ column }}_matches.rule_order,
        '{{ cell }}' as cell
    from {{ 'external_referrers' if column == 'referrer_host' else 'inputs' }} as inputs
    inner join {{ column }}_matches on inputs.{{ column }} = {{ column }}_matches.value
    union
    {% endfor -%}
    select
        facts.channel_input_key,
        rules.rule_order,
        rules.cell
    from facts
    inner join {{ ref('builtin_conditions') }} as conditions
        on facts.origin = 'session'
        and (conditions.ad_platform is null or conditions.ad_platform = facts.ad_platform
            or conditions.ad_platform = '*' and facts.ad_platform is not null)
        and (conditions.ad_network is null or conditions.ad_network = facts.ad_network)
        and (conditions.search_engine is null or conditions.search_engine = facts.search_engine
            or conditions.search_engine = '*' and facts.search_engine is not null)
        and (conditions.social_network is null or conditions.social_network = facts.social_network
            or conditions.social_network = '*' and facts.social_network is not null)
        and (conditions.is_direct is null or conditions.is_direct <> facts.is_arrival)
    inner join rules on rules.operator = 'builtin' and rules.pattern = lower(conditions.condition)
),

filled_cells as (
    select
        sheet.rule_order,
        count(distinct rules.cell) as cell_count
    from sheet
    left join rules on sheet.rule_order = rules.rule_order
    group by sheet.rule_order
),

matched_rules as (
    select
        matched_cells.channel_input_key,
        matched_cells.rule_order
    from matched_cells
    inner join filled_cells on matched_cells.rule_order = filled_cells.rule_order
    group by matched_cells.channel_input_key, matched_cells.rule_order, filled_cells.cell_count
    having count(*) = filled_cells.cell_count
    union all
    -- A row without conditions matches everything.
    select
        inputs.channel_input_key,
        filled_cells.rule_order
    from inputs
    cross join filled_cells
    where filled_cells.cell_count = 0
),

-- R3.4: a session that a row finds by `[Direct]` is as direct as one that no row matches.
direct_rules as (
    select distinct rules.rule_order
    from rules
    inner join {{ ref('builtin_conditions') }} as conditions
        on rules.operator = 'builtin'
        and rules.pattern = lower(conditions.condition)
    where conditions.is_direct
),

first_rules as (
    select
        channel_input_key,
        min(rule_order) as rule_order
    from matched_rules
    group by channel_input_key
),

named as (
    select
        inputs.channel_input_key,
        case
            when inputs.source_channel <> '' then {{ path_channel('inputs.source_channel') }}
            when sheet.channel is not null then sheet.channel
            when inputs.origin = 'session' and not facts.is_arrival then 'Direct'
            else 'Other'
        end as channel,
        case
            when inputs.source_channel <> '' then {{ path_subchannel('inputs.source_channel') }}
            else sheet.subchannel
        end as subchannel,
        inputs.source_channel = '' and (sheet.channel is null or direct_rules.rule_order is not null)
        and inputs.origin = 'session' and not facts.is_arrival as is_direct,
        nullif(inputs.utm_medium, '') as utm_medium,
        nullif(inputs.utm_source, '') as utm_source,
        nullif(inputs.utm_campaign, '') as utm_campaign,
        case when facts.has_external_referrer then inputs.referrer_host end as referrer_host,
        facts.resolved_platform,
        facts.ad_network,
        facts.search_engine,
        facts.unpaid_click_network,
        inputs.has_own_medium,
        coalesce(facts.resolved_platform is not null and facts.ad_network = 'search', false) as is_paid_search_click
    from inputs
    inner join facts on inputs.channel_input_key = facts.channel_input_key
    left join first_rules on inputs.channel_input_key = first_rules.channel_input_key
    left join sheet on first_rules.rule_order = sheet.rule_order
    left join direct_rules on first_rules.rule_order = direct_rules.rule_order
)

select
    channel_input_key,
    channel,
    subchannel,
    channel || coalesce('.' || subchannel, '') as channel_path,
    is_direct,
    coalesce(
        case when has_own_medium then utm_medium end,
        case when is_paid_search_click then 'CPC' end,
        utm_medium,
        case when search_engine is not null then 'Search' end
    ) as session_medium,
    coalesce(
        resolved_platform, 'Organic - ' || search_engine, utm_source, referrer_host, unpaid_click_network, 'Web Direct'
    ) as touchpoint_source,
    is_paid_search_click,
    resolved_platform,
    utm_campaign,
    utm_source
from named
