{# Used as a package of your own dbt project on DuckDB: staging reads views over the raw tables that variable
   `call_attribution_tables` names, instead of tables that landing writes. The same rules apply (newest version of every row,
   deletion flags, spelling of column names), but nothing is quarantined: rows without key or event time are skipped.

   vars:
     call_attribution_tables:
       web/sessions: analytics.bizible.biz_sessions
       salesforce/Task: analytics.salesforce.task #}
{% macro is_package() -%}
    {{ return(var('call_attribution_tables', {}) | length > 0) }}
{%- endmacro %}

{% macro create_package_inputs() -%}
    {%- if not (execute and call_attribution.is_package() and flags.WHICH in ('build', 'run', 'test')) %}{{ return('') }}{% endif -%}
    {%- set given = var('call_attribution_tables') -%}
    {%- set tables = {} -%}
    {%- for source in graph.sources.values() if source.package_name == 'call_attribution' and 'landing' in source.config.meta -%}
        {%- do tables.update({source.source_name ~ '/' ~ source.name: source}) -%}
    {%- endfor -%}
    {%- do call_attribution.check_package_tables(given, tables) -%}
    {%- for name, source in tables.items() -%}
        {{ call_attribution.create_input_view(source, call_attribution.package_input(source, given.get(name))) }}
    {%- endfor -%}
    {#- The same rows under the name of the raw tables: every build of a package is a full refresh. -#}
    {%- for source in graph.sources.values() if source.package_name == 'call_attribution' and source.source_name.startswith('all_') -%}
        {%- set rows = tables[source.source_name | replace('all_', '', 1) ~ '/' ~ source.name] -%}
        {{ call_attribution.create_input_view(source, 'select * from ' ~ call_attribution.quoted_source(rows)) }}
    {%- endfor -%}
    {#- Ends the transaction of the queries above: dbt would roll the statements back with it. -#}
    {%- do adapter.commit() -%}
{%- endmacro %}

{% macro check_package_tables(given, tables) -%}
    {%- for name in given if name not in tables -%}
        {{ exceptions.raise_compiler_error("Variable call_attribution_tables names '" ~ name ~ "'. Known tables: "
            ~ tables.keys() | sort | join(', ') ~ '.') }}
    {%- endfor -%}
    {%- set visits = [] -%}
    {%- for name, source in tables.items() if source.config.meta.landing.required_group == 'web' -%}
        {%- if source.config.meta.landing.tracker == call_attribution.variable('web_tracker') -%}{%- do visits.append(name) -%}{%- endif -%}
    {%- endfor -%}
    {%- if 'salesforce/Task' not in given or not visits | select('in', given) | list -%}
        {{ exceptions.raise_compiler_error('Variable call_attribution_tables must name salesforce/Task, and '
            ~ visits | join(' or ') ~ '.') }}
    {%- endif -%}
{%- endmacro %}

{% macro quoted_source(source) -%}
    {{ return(adapter.quote(target.database) ~ '.' ~ adapter.quote(source.schema) ~ '.' ~ adapter.quote(source.identifier)) }}
{%- endmacro %}

{# The statements that create the view. They replace only a view of the package, never a table or view of yours that has the same name. #}
{% macro create_input_view(source, sql) -%}
    {%- set marker = 'Input of the package call_attribution' -%}
    {%- set found = run_query(
        "select coalesce(comment, '') from (select database_name, schema_name, view_name as name, comment from duckdb_views()"
        ~ ' union all select database_name, schema_name, table_name, comment from duckdb_tables())'
        ~ ' where database_name = ' ~ call_attribution.escaped_literal(target.database)
        ~ ' and schema_name = ' ~ call_attribution.escaped_literal(source.schema)
        ~ ' and name = ' ~ call_attribution.escaped_literal(source.identifier)) -%}
    {%- set relation = call_attribution.quoted_source(source) -%}
    {%- if found.rows | length > 0 and found.rows[0][0] != marker -%}
        {{ exceptions.raise_compiler_error(relation ~ ' exists and is not a view of this package. Rename it, or use another database.') }}
    {%- endif -%}
create schema if not exists {{ adapter.quote(target.database) }}.{{ adapter.quote(source.schema) }};
create or replace view {{ relation }} as
{{ sql }};
comment on view {{ relation }} is {{ call_attribution.escaped_literal(marker) }};
{%- endmacro %}

{# The rows of one input table: the contract's columns as text under their names there, further columns under their own. #}
{% macro package_input(source, table) -%}
    {%- set landing = source.config.meta.landing -%}
    {%- set named = {} -%}
    {%- set found = {} -%}
    {%- if table -%}
        {%- set parts = table.split('.') -%}
        {%- set relation = adapter.get_relation(
            database=parts[-3] if parts | length > 2 else target.database,
            schema=parts[-2] if parts | length > 1 else target.schema,
            identifier=parts[-1]) -%}
        {%- if not relation -%}
            {{ exceptions.raise_compiler_error('Variable call_attribution_tables names ' ~ table ~ ' for ' ~ source.source_name ~ '/'
                ~ source.name ~ ', and there is no such table. Write [database.][schema.]table.') }}
        {%- endif -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- set text = "timezone('UTC', " ~ adapter.quote(column.name) ~ ')' if column.dtype == 'TIMESTAMP WITH TIME ZONE'
                else adapter.quote(column.name) -%}
            {%- do found.setdefault(call_attribution.normalise_name(column.name), []).append(
                call_attribution.trim_text('cast(' ~ text ~ ' as varchar)')) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for column in source.columns.values() -%}
        {%- set spellings = found.pop(call_attribution.normalise_name(column.name), none) -%}
        {%- do named.update({column.name: 'coalesce(' ~ spellings | join(', ') ~ ')' if spellings else 'cast(null as varchar)'}) -%}
    {%- endfor -%}
    {%- set technical = [] -%}
    {%- for name in call_attribution.landing_columns() -%}
        {%- do technical.append(call_attribution.normalise_name(name)) -%}
    {%- endfor -%}
    {%- for name, spellings in found.items() if name not in technical -%}
        {%- do named.update({name: 'coalesce(' ~ spellings | join(', ') ~ ')'}) -%}
    {%- endfor -%}
    {%- set known = {} -%}
    {%- for name in named -%}
        {%- do known.update({call_attribution.normalise_name(name): adapter.quote(name)}) -%}
    {%- endfor -%}
    {%- set key_parts = [landing.key] if landing.key is string else landing.key -%}
    {%- set key = adapter.quote(key_parts[0]) -%}
    {%- set times, marks = [], ['false'] -%}
    {%- for name in landing.version if call_attribution.normalise_name(name) in known -%}
        {%- do times.append(call_attribution.parse_timestamp(known[call_attribution.normalise_name(name)])) -%}
    {%- endfor -%}
    {%- for name in landing.deleted_by if call_attribution.normalise_name(name) in known -%}
        {%- set mark = known[call_attribution.normalise_name(name)] -%}
        {%- do marks.append('coalesce(' ~ call_attribution.parse_boolean(mark) ~ ', ' ~ call_attribution.parse_timestamp(mark)
            ~ ' is not null)') -%}
    {%- endfor -%}
    {%- if '_fivetranactive' in known -%}
        {%- do marks.append('coalesce(not ' ~ call_attribution.parse_boolean(known['_fivetranactive']) ~ ', false)') -%}
    {%- endif -%}
with texts as (
    select
        {%- for name, text in named.items() %}
        {{ text }} as {{ adapter.quote(name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation if table else '(select 1 as nothing) where false' }}
),

versions as (
    select
        *,
        {% if key_parts | length == 1 -%}
        {{ call_attribution.salesforce_id(key) if source.columns[key_parts[0]].data_type == 'salesforce_id' else key }}
        {%- else -%}
        {{ call_attribution.key_part(key) }}
        {%- for part in key_parts[1:] %}
            || '/' || {{ call_attribution.key_part("coalesce(" ~ part | replace(' | ', ', ') ~ ", '')") }}
        {%- endfor %}
        {%- endif %} as _row_key,
        {{ 'coalesce(' ~ times | join(', ') ~ ')' if times else 'cast(null as timestamp)' }} as _version_at,
        {{ marks | join(' or ') }} as _is_deleted,
        {{ call_attribution.escaped_literal(table or '') }} as _source_file,
        cast(1 as integer) as _source_revision,
        cast(0 as bigint) as _source_line,
        cast(null as timestamp) as _loaded_at,
        cast(0 as bigint) as _load_id
    from texts
)

select *
from versions
where _row_key is not null
    {%- if landing.event_time %}
    and {{ call_attribution['parse_' ~ source.columns[landing.event_time].data_type](adapter.quote(landing.event_time)) }} is not null
    {%- endif %}
qualify row_number() over (
    partition by _row_key
    order by
        _version_at desc nulls last,
        _is_deleted desc
        {%- for name in named %},
        {{ adapter.quote(name) }} desc nulls last
        {%- endfor %}
) = 1
{%- endmacro %}
