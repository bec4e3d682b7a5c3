{# Helpers for the tables with Marketo Measure's names and types. models/marts/biz/_biz__models.yml lists their columns and
   Snowflake types; a model only maps values to column names. #}

{# The engine's type for a Snowflake type. Scales are capped at 12, like those of products in Snowflake: with 19, a
   billion times a percentage overflows 38 digits. Percentages have at most 12 decimals. #}
{% macro snowflake_type(name) %}{{ return(adapter.dispatch('snowflake_type', 'call_attribution')(name)) }}{% endmacro %}
{% macro default__snowflake_type(name) -%}
    {%- set number = modules.re.fullmatch('number\((\d+),(\d+)\)', name) -%}
    {%- if number -%}
        decimal({{ number[1] }}, {{ [number[2] | int, 12] | min }})
    {%- elif name == 'timestamp_ntz' -%}
        timestamp
    {%- elif name.startswith('varchar') -%}
        string
    {%- elif name in ('boolean', 'date') -%}
        {{ name }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("Snowflake's type " ~ name ~ " has no mapping. Add it to macros/biz.sql.") }}
    {%- endif -%}
{%- endmacro %}

{# R19.0: names that Adobe's page misspells, with those of the real warehouse. The views have both. #}
{% macro misspelt_names() -%}
{{ return({
    'MODIFIED DATE': 'MODIFIED_DATE',
    'ADVERISER_ROW_KEY': 'ADVERTISER_ROW_KEY',
    'AD_GROUP_KEY': 'AD_GROUP_ROW_KEY',
    'REFERRER_PAGE-RAW': 'REFERRER_PAGE_RAW',
    'URL_ALTENATIVES': 'URL_ALTERNATIVES',
    'MAPPING_ORD_ID': 'MAPPING_ORG_ID',
}) }}
{%- endmacro %}

{# R19.4: the number that views join on. 60 bits fit into BIGINT and are the same on every engine. #}
{% macro row_key(id) %}{{ return(adapter.dispatch('row_key', 'call_attribution')(id)) }}{% endmacro %}
{% macro duckdb__row_key(id) -%} cast('0x' || substr(md5({{ id }}), 1, 15) as bigint) {%- endmacro %}

{# R19.3: a Salesforce object's records with the filled columns that the input contract does not name, as JSON. It reads the
   source: an incremental build does not create the views of staging again, and would miss a column that landed today. #}
{% macro custom_properties_of(table) -%}
    {%- set relation = source('salesforce', table) -%}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- set contract = graph.sources['source.call_attribution.salesforce.' ~ table] -%}
        {%- set landing = contract.config.meta.landing -%}
        {%- set known = call_attribution.landing_columns() | list -%}
        {%- for name in (contract.columns.keys() | list) + landing.version + landing.deleted_by -%}
            {%- do known.append(call_attribution.normalise_name(name)) -%}
        {%- endfor -%}
        {%- for column in adapter.get_columns_in_relation(relation) | sort(attribute='name', case_sensitive=true)
            if column.name | lower not in known and call_attribution.normalise_name(column.name) not in known
            and not column.name.lower().startswith('_fivetran_') -%}
            {%- do names.append(column.name) -%}
        {%- endfor -%}
    {%- endif -%}
select
    _row_key as record_id,
    {{ call_attribution.json_of_filled(names) if names else 'cast(null as string)' }} as custom_properties
from {{ relation }}
{%- endmacro %}

{# Columns of text as a JSON object without those that are null or blank, in the given order; null if all are. Names can
   contain anything. #}
{% macro json_of_filled(names) %}{{ return(adapter.dispatch('json_of_filled', 'call_attribution')(names)) }}{% endmacro %}
{% macro duckdb__json_of_filled(names) -%}
nullif('{' || concat_ws(','
    {%- for name in names -%}
    , to_json({{ call_attribution.escaped_literal(name) }}) || ':' || to_json(nullif({{ call_attribution.quoted_name(name, '"') }}, ''))
    {%- endfor -%}
) || '}', '{}')
{%- endmacro %}

{# An identifier that can contain the quote itself. #}
{% macro quoted_name(name, quote) -%}
{{ quote ~ (name | replace(quote, quote ~ quote)) ~ quote }}
{%- endmacro %}

{# The select list of a biz model: every listed column with its name and type, in order; null if `values` lacks it.
   ROW_KEY comes from ID. All other columns come from `stored`, if it is given. #}
{% macro biz_columns(values, stored=none) -%}
    {%- if execute -%}
        {%- set misspelt = call_attribution.misspelt_names() -%}
        {%- if 'ROW_KEY' in model.columns and 'ID' in values -%}
            {%- do values.update({'ROW_KEY': call_attribution.row_key(values['ID'])}) -%}
        {%- endif -%}
        {%- for name in values if name not in model.columns -%}
            {{ exceptions.raise_compiler_error(model.name ~ " has no column " ~ name ~ ".") }}
        {%- endfor -%}
        {%- for column in model.columns.values() -%}
            {#- AD_GROUP_KEY is misspelt beside AD_GROUP_ROW_KEY only. -#}
            {%- set name = misspelt[column.name] if misspelt.get(column.name) in model.columns else column.name -%}
            {#- Without indentation: a Hive metastore in Derby holds 32,700 characters of a view, and biz_facts had 46,000. -#}
            {{- '\n' if not loop.first -}}
            cast({{ values.get(name, stored ~ '.' ~ adapter.quote(column.name) if stored else 'null') }} as {{ call_attribution.snowflake_type(column.data_type) }}) as {{ adapter.quote(column.name) }}{{ ',' if not loop.last -}}
        {%- endfor -%}
    {%- else -%}
        1
    {%- endif -%}
{%- endmacro %}

{# R19.5: a view whose records have no source here. Its columns are typed, so queries that join it run. #}
{% macro empty_biz_view() -%}
select
    {{ call_attribution.biz_columns({}) }}
where false
{%- endmacro %}

{# R19.5: a view of one level of the ad hierarchy: every id that sessions and costs name, with its newest
   name that is not deleted.
   level: its prefix in BIZ_SESSIONS and BIZ_COSTS, `CAMPAIGN` for CAMPAIGN_UNIQUE_ID and CAMPAIGN_NAME; above: the levels above it #}
{% macro biz_ads(level, entity_type, above=[]) -%}
    {%- set names = ['AD_PROVIDER'] -%}
    {%- set columns = {
        'ID': level ~ '_UNIQUE_ID',
        'NAME': level ~ '_NAME',
        'PROVIDER_TYPE': 'AD_PROVIDER',
        'ENTITY_TYPE': "'" ~ entity_type ~ "'",
        'MODIFIED_DATE': 'coalesce(modified_at, cost_date)',
        'IS_DELETED': 'is_deleted = 1',
    } -%}
    {%- for part in [level] + above -%}
        {%- for suffix in ['_UNIQUE_ID', '_NAME'] -%}
            {%- do names.append(part ~ suffix) -%}
            {%- if part != level -%}
                {%- do columns.update({('AD_' if part in ('ACCOUNT', 'CAMPAIGN') else '') ~ part ~ suffix: part ~ suffix}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
with named as (
    select
        {{ names | join(',\n        ') }},
        MODIFIED_DATE as modified_at,
        cast(null as timestamp) as cost_date,
        0 as is_deleted
    from {{ call_attribution.in_marts(ref('biz_sessions')) }}
    union all
    select
        {{ names | join(',\n        ') }},
        MODIFIED_DATE,
        COST_DATE,
        case when IS_DELETED then 1 else 0 end
    from {{ call_attribution.in_marts(ref('biz_costs')) }}
    {%- if level == 'CAMPAIGN' %}
    union all
    -- The touches of campaign members have the ids of CRM Campaigns.
    select
        {% for name in names -%}
        {{ {'CAMPAIGN_UNIQUE_ID': 'campaign_id', 'CAMPAIGN_NAME': 'campaign_name'}.get(name, 'null') }},
        {% endfor -%}
        modified_at,
        null,
        0
    from {{ call_attribution.in_marts(ref('crm_campaigns')) }}
    {%- endif %}
),

-- Few rows: only these are sorted.
combinations as (
    select
        {{ names | join(',\n        ') }},
        max(modified_at) as modified_at,
        max(cost_date) as cost_date,
        min(is_deleted) as is_deleted
    from named
    where {{ level }}_UNIQUE_ID is not null
    group by {{ names | join(', ') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by {{ level }}_UNIQUE_ID
            -- The row of a sheet has no time of change, and its month can be in the future.
            order by is_deleted, modified_at desc nulls last, cost_date desc nulls last, {{ names | join(' nulls last, ') }} nulls last
        ) as age_rank
    from combinations
)

select
    {{ call_attribution.biz_columns(columns) }}
from ranked
where age_rank = 1
{%- endmacro %}

{# A table of the published file, without its database: analysts attach the file under any name, so its views must not
   contain the name that it has during the build. #}
{% macro in_marts(relation) %}{{ return(adapter.dispatch('in_marts', 'call_attribution')(relation)) }}{% endmacro %}
{% macro default__in_marts(relation) %}{{ return(relation) }}{% endmacro %}
{% macro duckdb__in_marts(relation) %}{{ return(relation.include(database=false)) }}{% endmacro %}

{# When a row was deleted. Never null for a deleted row, so that `_deleted_date is null` means live. #}
{% macro deleted_at(is_deleted, times) -%}
case when {{ is_deleted }} then coalesce({{ times | join(', ') }}, timestamp '1970-01-01 00:00:00') end
{%- endmacro %}

{# Marketo Measure's ids of touchpoints end in the id of the session or record behind the touch. #}
{% macro touch_source_id(touchpoint_id) -%}
substr({{ touchpoint_id }}, position('-' in {{ touchpoint_id }}) + 1)
{%- endmacro %}

{# `Chrome (65.0), Windows (6.1)`: name and version of the browser (1) or the platform (2). #}
{% macro device_part(device, part, of) -%}
    {%- set named = '\\s*([^,(]*[^,(\\s])?\\s*\\(([^()]*)\\)\\s*' -%}
    nullif({{ call_attribution.captured(device, '^' ~ named ~ ',' ~ named ~ '$', 2 * of - (1 if part == 'name' else 0)) }}, '')
{%- endmacro %}

{# The columns that every touch shows, from fct_touchpoints as `touches`. #}
{% macro biz_touch_columns() -%}
    {%- set columns = {
        'CHANNEL': 'touches.channel_path',
        'LANDING_PAGE': 'touches.landing_page',
        'LANDING_PAGE_RAW': 'touches.landing_page_raw',
        'REFERRER_PAGE': 'touches.referrer_page',
        'REFERRER_PAGE_RAW': 'touches.referrer_page_raw',
        'CITY': 'touches.city',
        'REGION': 'touches.region',
        'COUNTRY': 'touches.country',
        'WEB_SOURCE': 'touches.touchpoint_source',
        'SEARCH_PHRASE': 'touches.search_phrase',
        'AD_PROVIDER': 'touches.ad_provider',
        'ACCOUNT_UNIQUE_ID': 'touches.ad_account_id',
        'ACCOUNT_NAME': 'touches.ad_account_name',
        'ADVERTISER_UNIQUE_ID': 'touches.advertiser_id',
        'ADVERTISER_NAME': 'touches.advertiser_name',
        'SITE_UNIQUE_ID': 'touches.site_id',
        'SITE_NAME': 'touches.site_name',
        'PLACEMENT_UNIQUE_ID': 'touches.placement_id',
        'PLACEMENT_NAME': 'touches.placement_name',
        'CAMPAIGN_UNIQUE_ID': 'touches.ad_campaign_id',
        'CAMPAIGN_NAME': 'touches.ad_campaign_name',
        'AD_GROUP_UNIQUE_ID': 'touches.ad_group_id',
        'AD_GROUP_NAME': 'touches.ad_group_name',
        'AD_UNIQUE_ID': 'nullif(touches.ad_id, touches.creative_id)',
        'AD_NAME': 'touches.ad_name',
        'CREATIVE_UNIQUE_ID': 'touches.creative_id',
        'CREATIVE_NAME': 'touches.creative_name',
        'CREATIVE_DESCRIPTION_1': 'touches.creative_description_1',
        'CREATIVE_DESCRIPTION_2': 'touches.creative_description_2',
        'CREATIVE_DESTINATION_URL': 'touches.creative_destination_url',
        'CREATIVE_DISPLAY_URL': 'touches.creative_display_url',
        'KEYWORD_UNIQUE_ID': 'touches.keyword_id',
        'KEYWORD_NAME': 'touches.keyword_text',
        'KEYWORD_MATCH_TYPE': 'touches.keyword_match_type',
        'IS_DELETED': 'false',
        'ACCOUNT_ROW_KEY': call_attribution.row_key('touches.ad_account_id'),
        'ADVERTISER_ROW_KEY': call_attribution.row_key('touches.advertiser_id'),
        'SITE_ROW_KEY': call_attribution.row_key('touches.site_id'),
        'PLACEMENT_ROW_KEY': call_attribution.row_key('touches.placement_id'),
        'CAMPAIGN_ROW_KEY': call_attribution.row_key('touches.ad_campaign_id'),
        'AD_GROUP_ROW_KEY': call_attribution.row_key('touches.ad_group_id'),
        'AD_ROW_KEY': call_attribution.row_key(
            'case when touches.crm_activity_id is null then nullif(touches.ad_id, touches.creative_id) end'),
        'CREATIVE_ROW_KEY': call_attribution.row_key('touches.creative_id'),
        'KEYWORD_ROW_KEY': call_attribution.row_key('touches.keyword_id'),
        'LANDING_PAGE_KEY': call_attribution.row_key('touches.landing_page'),
        'REFERRER_PAGE_KEY': call_attribution.row_key('touches.referrer_page'),
    } -%}
    {{ return(columns) }}
{%- endmacro %}

{# The same for touches of people, with the parts of form and device. #}
{% macro biz_person_touch_columns() -%}
    {%- set columns = call_attribution.biz_touch_columns() -%}
    {%- do columns.update({
        'VISITOR_ID': "'v_' || coalesce(touches.visitor_id, touches.cookie_id)",
        'TOUCHPOINT_DATE': 'touches.touchpoint_date',
        'MARKETING_TOUCH_TYPE': 'touches.marketing_touch_type',
        'MEDIUM': 'touches.medium',
        'BROWSER_NAME': call_attribution.device_part('touches.device', 'name', 1),
        'BROWSER_VERSION': call_attribution.device_part('touches.device', 'version', 1),
        'PLATFORM_NAME': call_attribution.device_part('touches.device', 'name', 2),
        'PLATFORM_VERSION': call_attribution.device_part('touches.device', 'version', 2),
        'FORM_PAGE': 'touches.form_page',
        'FORM_PAGE_RAW': 'touches.form_page_raw',
        'FORM_DATE': 'touches.form_submitted_at',
        'IS_FORM_SUBMISSION_TOUCH': 'touches.form_submitted_at is not null',
        'IS_IMPRESSION_TOUCH': 'false',
        'FORM_PAGE_KEY': call_attribution.row_key('touches.form_page'),
    }) -%}
    {{ return(columns) }}
{%- endmacro %}

{# R19.6: which members a Campaign's picklist lets make touches, in the words of Marketo Measure. #}
{% macro sync_type(picklist) -%}
case
    when lower({{ picklist }}) like 'include%responded%' then 'Include_Responded'
    when lower({{ picklist }}) like 'include%' then 'Include_All'
    when {{ picklist }} is not null then 'Exclude_All'
end
{%- endmacro %}

{# R19.6: whether a campaign member made a touchpoint of a Lead, Contact or opportunity, and if not, why. `otherwise` is the
   reason if the member made a touch. #}
{% macro sync_status(is_created, verdict, otherwise) -%}
case
    when {{ is_created }} then 'Touchpoint Created'
    else 'No Touchpoint: ' || case {{ verdict }}
        when 'none_deleted' then 'Deleted'
        when 'none_campaign_deleted' then 'Deleted'
        when 'none_not_synced' then 'Not synced'
        when 'none_outside_dates' then 'Date outside sync dates'
        when 'none_without_date' then 'No touchpoint date'
        when 'none_without_person' then 'No email'
        else {{ otherwise }}
    end
end
{%- endmacro %}

{# A currency code as an integer, because Marketo Measure joins currencies on numbers. #}
{% macro currency_number(code) -%}
(cast(ascii(substr({{ code }}, 1, 1)) as bigint) * 65536 + ascii(substr({{ code }}, 2, 1)) * 256 + ascii(substr({{ code }}, 3, 1)))
{%- endmacro %}

{# Built-in stages have their own ids in Marketo Measure; the id of any other stage is its name. #}
{% macro stage_id(name) -%}
case when {{ name }} in ('FT', 'LC', 'OC', 'Closed') then '_bizible_' || {{ name }} else {{ name }} end
{%- endmacro %}

{# The date of a record's previous (lag) or next (lead) stage in the order of ranks; null for a touch without a stage. #}
{% macro adjacent_stage(side, record) -%}
case when stages.RANK is not null then {{ side }}(case when stages.RANK is not null then transition_date end) over (
    partition by {{ record }} order by stages.RANK nulls last, transitions.touchpoint_id
) end
{%- endmacro %}
