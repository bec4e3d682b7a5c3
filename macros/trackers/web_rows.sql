{# The rows of the selected web tracker under the names of Marketo Measure's tables, so that staging has one mapping per table.
   Each tracker has a file beside this one, with a macro per table that it can fill; other tables are empty. #}

{# What staging reads as web/<table>; with `only`, these columns. #}
{% macro web_rows(table, only=none) -%}
    {%- if call_attribution.variable('web_tracker') == 'marketo_measure' -%}
        {{ source('web', table) }}
    {%- else -%}
        {{ call_attribution.tracker_rows(table, 'web', only) }}
    {%- endif -%}
{%- endmacro %}

{# The columns `only` of every landed row, also in an incremental build. #}
{% macro all_web_rows(table, only) -%}
    {%- if call_attribution.variable('web_tracker') == 'marketo_measure' -%}
        {{ source('all_web', table) }}
    {%- else -%}
        {{ call_attribution.tracker_rows(table, 'all_web', only) }}
    {%- endif -%}
{%- endmacro %}

{% macro tracker_rows(table, from, only=none) -%}
    {#- The SQL contains rows of these seeds as literals. A project that was parsed for another tracker does not know them. -#}
    {%- if not execute -%}
        {%- do ref('form_events') -%}
        {%- do ref('tracker_columns') -%}
    {%- endif -%}
    {#- RudderStack's tables are those of Segment. -#}
    {%- set tracker = call_attribution.variable('web_tracker') | replace('rudderstack', 'segment') -%}
    {%- set mapping = context['call_attribution'].get(tracker ~ '_' ~ table) -%}
    {%- set rows = mapping(from, only) if mapping
        else 'select ' ~ call_attribution.web_columns(table, {}, only, is_empty=true) ~ ' where false' -%}
    {%- if table == 'email_to_visitor_ids' -%}
        {%- set rows = call_attribution.first_of_each_address(rows) -%}
    {%- endif -%}
    (
    {{ rows | indent(4) }}
    ) as {{ table }}
{%- endmacro %}

{# A select list with every column of web/<table>: those that the tracker fills (`mapped`), null for the others, and what
   landing adds. #}
{% macro web_columns(table, mapped, only=none, is_empty=false) -%}
    {%- set columns = [] -%}
    {%- for source in (graph.sources.values() if execute else [])
        if source.source_name == 'web' and source.name == table and source.package_name == 'call_attribution' -%}
        {%- for name in source.columns if only is none or name in only -%}
            {%- do columns.append(mapped.get(name, 'cast(null as string)') ~ ' as ' ~ name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set types = {'_version_at': 'timestamp', '_is_deleted': 'boolean', '_loaded_at': 'timestamp', '_load_id': 'bigint'} -%}
    {%- for name in call_attribution.landing_columns() if only is none or name in only -%}
        {%- do columns.append('cast(null as ' ~ types.get(name, 'string') ~ ') as ' ~ name if is_empty else name) -%}
    {%- endfor -%}
    {{- columns | join(',\n    ') if columns else '1 as nothing' -}}
{%- endmacro %}

{# A tracker can send a visitor's address with every event, but one row per address and visitor is enough. The first one stays
   the first, whatever follows. #}
{% macro first_of_each_address(rows) -%}
select *
from (
    select
        *,
        row_number() over (
            partition by EMAIL, VISITOR_ID order by _is_deleted, CREATED_DATE, _row_key
        ) as address_number
    from (
        {{ rows | indent(8) }}
    ) as addresses
    where EMAIL is not null
        and VISITOR_ID is not null
) as numbered
where address_number = 1
{%- endmacro %}

{# The column with the cookie id: `usual`, unless a variable names another. #}
{% macro cookie_column(relation, usual) -%}
    {%- set name = call_attribution.variable('tracker_cookie_column') -%}
    {{- call_attribution.raw_column(relation, name, 'tracker_cookie_column') if name else usual -}}
{%- endmacro %}

{# R1.1: the form of a well-formed cookie id. The default of the variable describes Marketo Measure's cookie; another
   tracker's own id has another form. #}
{% macro cookie_pattern() -%}
    {%- set uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}' -%}
    {%- set usual = {
        'snowplow': uuid ~ '|[0-9a-f]{16}',
        'segment': uuid,
        'rudderstack': uuid,
        'ga4': '[0-9]+[.][0-9]+',
        'generic': '[0-9A-Za-z_.:-]+',
    } -%}
    {%- set pattern = call_attribution.variable('bizible_id_pattern') -%}
    {%- set tracker = call_attribution.variable('web_tracker') -%}
    {%- set is_usual = pattern == var('documented_variables').bizible_id_pattern.default
        and not call_attribution.variable('tracker_cookie_column') -%}
    {{ return(usual.get(tracker, pattern) if is_usual else pattern) }}
{%- endmacro %}

{# The kind of form that an event is, by seed form_events; null if it is not a form. Case, blanks, `_` and `-` are
   ignored. #}
{% macro form_type(event) -%}
    {%- set compared = "translate(lower(" ~ event ~ "), '_- ', '')" -%}
    {%- set cases = [] -%}
    {%- for name, kind in call_attribution.seed_rows('form_events', ['event_name', 'form_type']) -%}
        {%- do cases.append('when ' ~ call_attribution.escaped_literal(name | lower | replace('_', '') | replace('-', '') | replace(' ', ''))
            ~ ' then ' ~ call_attribution.escaped_literal(kind or 'Form')) -%}
    {%- endfor -%}
    {{- 'case ' ~ compared ~ ' ' ~ cases | join(' ') ~ ' end' if cases else 'cast(null as string)' -}}
{%- endmacro %}
