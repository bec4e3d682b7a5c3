{# Used as a package of your own dbt project on DuckDB: staging reads views over the raw tables that variable
   `call_attribution_tables` names, instead of tables that landing writes. The same rules apply (newest version of every row,
   deletion flags, spelling of column names), but nothing is quarantined: rows without key or event time are skipped.

   vars:
     call_attribution_tables:
       web/sessions: analytics.bizible.biz_sessions
       salesforce/Task: analytics.salesforce.task #}
{% macro is_package() -%}
    {{ return(var('call_attribution_tables', none) not in ({}, none, '')) }}
{%- endmacro %}

{# Stops another project that does not say where its tables are, or runs on another engine. Called when dbt names the first table:
   without this, dbt would look for the database of the published marts before any hook runs. #}
{% macro check_package_project() -%}
    {%- if project_name != 'call_attribution' and not call_attribution.is_package() -%}
        {{ exceptions.raise_compiler_error('Package call_attribution needs variable call_attribution_tables, which names your raw tables:'
            ~ ' see docs/dbt-package.md in the package.') }}
    {%- elif call_attribution.is_package() and target.type != 'duckdb' -%}
        {{ exceptions.raise_compiler_error('Package call_attribution runs on DuckDB, not on ' ~ target.type
            ~ '. Run the whole project instead: see docs/engines.md in the package.') }}
    {%- endif -%}
{%- endmacro %}

{% macro create_package_inputs() -%}
    {%- if not (execute and call_attribution.is_package() and flags.WHICH in ('build', 'run', 'test')) %}{{ return('') }}{% endif -%}
    {#- dbt runs this hook for every selection. An input can be one of your models, which does not exist before it is built. -#}
    {%- if '.call_attribution.' not in selected_resources | join(' ') %}{{ return('') }}{% endif -%}
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
    {%- if given is not mapping -%}
        {{ exceptions.raise_compiler_error('Variable call_attribution_tables is not a mapping of landing folders to tables. Write, for'
            ~ ' example, `salesforce/Task: salesforce.task`, one line for each table.') }}
    {%- endif -%}
    {%- for name, table in given.items() if table is not string or not table -%}
        {{ exceptions.raise_compiler_error('Variable call_attribution_tables names no table for ' ~ name
            ~ '. Write [database.][schema.]table, or remove the entry.') }}
    {%- endfor -%}
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
        ~ ' where lower(database_name) = lower(' ~ call_attribution.escaped_literal(target.database)
        ~ ') and lower(schema_name) = lower(' ~ call_attribution.escaped_literal(source.schema)
        ~ ') and lower(name) = lower(' ~ call_attribution.escaped_literal(source.identifier) ~ ')') -%}
    {%- set relation = call_attribution.quoted_source(source) -%}
    {%- if found.rows | length > 0 and found.rows[0][0] != marker -%}
        {{ exceptions.raise_compiler_error(relation ~ ' exists and is not a view of this package. Rename it, or use another database.') }}
    {%- endif -%}
create schema if not exists {{ adapter.quote(target.database) }}.{{ adapter.quote(source.schema) }};
create or replace view {{ relation }} as
{{ sql }};
comment on view {{ relation }} is {{ call_attribution.escaped_literal(marker) }};
{%- endmacro %}

{# The rows of one input table: the contract's columns as text under their names there, further columns under their own, and
   what landing derives from them (key_sql, version_sql, deleted_sql and NEWEST_FIRST in orchestration/lib/landing). #}
{% macro package_input(source, table) -%}
    {%- set landing = source.config.meta.landing -%}
    {%- set relation = call_attribution.package_table(source, table) if table else none -%}
    {%- set texts = call_attribution.package_texts(source, table, relation) -%}
    {%- set known, types = {}, {} -%}
    {%- for name in texts -%}
        {%- do known.update({call_attribution.normalise_name(name): call_attribution.quoted_name(name, '"')}) -%}
    {%- endfor -%}
    {%- for column in source.columns.values() -%}
        {%- do types.update({call_attribution.normalise_name(column.name): column.data_type}) -%}
    {%- endfor -%}
    {%- set times, marks = [], [] -%}
    {%- for name in landing.version if call_attribution.normalise_name(name) in known -%}
        {%- do times.append(call_attribution.parse_timestamp(known[call_attribution.normalise_name(name)])) -%}
    {%- endfor -%}
    {%- for name in landing.deleted_by if call_attribution.normalise_name(name) in known -%}
        {%- set mark = known[call_attribution.normalise_name(name)] -%}
        {%- do marks.append(call_attribution.parse_timestamp(mark) ~ ' is not null'
            if types.get(call_attribution.normalise_name(name)) == 'timestamp'
            else 'coalesce(' ~ call_attribution.parse_boolean(mark) ~ ', false)') -%}
    {%- endfor -%}
    {%- set is_closed = 'coalesce(not ' ~ call_attribution.parse_boolean(known['_fivetranactive']) ~ ', false)'
        if '_fivetranactive' in known else 'false' -%}
    {%- do marks.append(is_closed) -%}
with texts as (
    select
        {%- for name, text in texts.items() %}
        {{ text }} as {{ call_attribution.quoted_name(name, '"') }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation if relation else '(select 1 as nothing) where false' }}
),

versions as (
    select
        *,
        {{ call_attribution.package_key(source) }} as _row_key,
        {{ 'coalesce(' ~ times | join(', ') ~ ')' if times else 'cast(null as timestamp)' }} as _version_at,
        {{ marks | join(' or ') }} as _is_deleted,
        {{ call_attribution.escaped_literal(table or '') }} as _source_file,
        cast(1 as integer) as _source_revision,
        cast(0 as bigint) as _source_line,
        cast(null as timestamp) as _loaded_at,
        cast(0 as bigint) as _load_id,
        cast(0 as ubigint) as _content_hash
    from texts
)

select *
from versions
where _row_key is not null
    {%- if landing.event_time %}
    {%- set event_time = call_attribution.quoted_name(landing.event_time, '"') %}
    and {{ call_attribution['parse_' ~ source.columns[landing.event_time].data_type](event_time) }} is not null
    {%- endif %}
qualify row_number() over (
    partition by _row_key
    order by
        _version_at desc nulls last,
        _is_deleted and not {{ is_closed }} desc,
        {%- if '_fivetranstart' in known %}
        {{ call_attribution.parse_timestamp(known['_fivetranstart']) }} desc nulls last,
        {%- endif %}
        {{ is_closed }} desc
        {#- A table has no lines: of versions that are equal so far, the texts decide. #}
        {%- for name in texts %},
        {{ call_attribution.quoted_name(name, '"') }} desc nulls last
        {%- endfor %}
) = 1
{%- endmacro %}

{# The quoted name of the user's table. Names are compared without case, as DuckDB does: dbt's own search refuses a table whose
   name differs in case. #}
{% macro package_table(source, table) -%}
    {%- set parts = table.split('.') -%}
    {%- set wanted = [
        parts[-3] if parts | length > 2 else target.database,
        parts[-2] if parts | length > 1 else target.schema,
        parts[-1],
    ] -%}
    {%- set conditions = [] -%}
    {%- for column, name in zip(['table_catalog', 'table_schema', 'table_name'], wanted) -%}
        {%- do conditions.append('lower(' ~ column ~ ') = lower(' ~ call_attribution.escaped_literal(name) ~ ')') -%}
    {%- endfor -%}
    {%- set found = run_query('select table_catalog, table_schema, table_name from system.information_schema.tables where '
        ~ conditions | join(' and ')) -%}
    {%- if not found.rows -%}
        {{ exceptions.raise_compiler_error('Variable call_attribution_tables names ' ~ table ~ ' for ' ~ source.source_name ~ '/'
            ~ source.name ~ ', and there is no such table. Write [database.][schema.]table.') }}
    {%- endif -%}
    {%- set quoted = [] -%}
    {%- for name in found.rows[0].values() -%}
        {%- do quoted.append(call_attribution.quoted_name(name, '"')) -%}
    {%- endfor -%}
    {{ return(quoted | join('.')) }}
{%- endmacro %}

{# The columns of an input table, each with the SQL of its text: those of the contract, then further columns of the table. #}
{% macro package_texts(source, table, relation) -%}
    {%- set landing = source.config.meta.landing -%}
    {%- set texts, found, spelled = {}, {}, {} -%}
    {%- set columns = run_query('describe ' ~ relation).rows if relation else [] -%}
    {%- set months = call_attribution.package_months(source, columns | map(attribute=0) | list) -%}
    {%- for column in columns if column[0] not in months -%}
        {%- set name = call_attribution.normalise_name(column[0]) -%}
        {%- do spelled.setdefault(name, column[0]) -%}
        {%- do found.setdefault(name, []).append(call_attribution.package_text(column)) -%}
    {%- endfor -%}
    {%- if months -%}
        {%- set long = landing.month_columns.values() | map('lower') | select('in', found) | list -%}
        {%- if long -%}
            {{ call_attribution.raise_package_error(source, table, 'has columns for months and a column ' ~ spelled[long[0]]
                ~ '. Use one of the two forms: a column for each month, or ' ~ landing.month_columns.values() | join(' and ')) }}
        {%- endif -%}
        {%- do found.update(call_attribution.package_cells(landing.month_columns, months, columns)) -%}
    {%- endif -%}
    {#- Heroku Connect writes its own row number into `id` and the Salesforce id into `sfid`. -#}
    {%- if 'sfid' in found and landing.key is string and source.columns[landing.key].data_type == 'salesforce_id' -%}
        {%- set own_number = found.pop(landing.key | lower, none) -%}
        {%- if own_number -%}
            {%- do found.update({'herokuid': own_number}) -%}
            {%- do spelled.update({'herokuid': 'heroku_id'}) -%}
        {%- endif -%}
        {%- do found.update({landing.key | lower: found.pop('sfid')}) -%}
    {%- endif -%}
    {%- if relation -%}
        {%- do call_attribution.check_package_columns(source, table, found) -%}
    {%- endif -%}
    {%- for column in source.columns.values() -%}
        {%- set spellings = found.pop(call_attribution.normalise_name(column.name), none) -%}
        {%- set text = 'coalesce(' ~ spellings | join(', ') ~ ')' if spellings else 'cast(null as varchar)' -%}
        {%- set is_identifier = column.data_type in ['id', 'salesforce_id', 'cookie_id', 'email'] -%}
        {%- do texts.update({column.name: call_attribution.without_null_words(text) if spellings and is_identifier else text}) -%}
    {%- endfor -%}
    {%- for name, spellings in found.items() -%}
        {#- As landed_name in orchestration/lib/landing/contract.py. -#}
        {%- set is_reserved = spelled[name] | lower in call_attribution.landing_columns() + ['rowid'] -%}
        {%- do texts.update({spelled[name] ~ ('_' if is_reserved else ''): 'coalesce(' ~ spellings | join(', ') ~ ')'}) -%}
    {%- endfor -%}
    {{ return(texts) }}
{%- endmacro %}

{# A value as landing reads it from a typed file: times in UTC, nested values as JSON. #}
{% macro package_text(column) -%}
    {%- set value, kind = call_attribution.quoted_name(column[0], '"'), column[1] -%}
    {%- set is_nested = kind.endswith(']') or kind.startswith(('STRUCT(', 'MAP(', 'UNION(')) -%}
    {%- if kind == 'TIMESTAMP WITH TIME ZONE' -%}{%- set value = "timezone('UTC', " ~ value ~ ')' -%}
    {%- elif is_nested -%}{%- set value = 'to_json(' ~ value ~ ')' -%}
    {%- elif kind == 'BLOB' -%}{%- set value = 'coalesce(try(decode(' ~ value ~ ')), cast(' ~ value ~ ' as varchar))' -%}
    {%- endif -%}
    {{ return(call_attribution.trim_text('cast(' ~ value ~ ' as varchar)')) }}
{%- endmacro %}

{# The columns that are named like a month, each with its month. Loaders replace characters that are not letters or digits with
   underscores, and put one before a digit: `_2026_01` is `2026-01`. #}
{% macro package_months(source, names) -%}
    {%- set months = {} -%}
    {%- if source.config.meta.landing.month_columns and names -%}
        {%- set rows = [] -%}
        {%- for name in names -%}
            {%- do rows.append('(' ~ call_attribution.escaped_literal(name) ~ ')') -%}
        {%- endfor -%}
        {%- for row in run_query("select name, strftime(" ~ call_attribution.parse_month(call_attribution.trim_text('name')) ~ ", '%Y-%m') as month from (values "
            ~ rows | join(', ') ~ ') as columns(name)').rows if row[1] -%}
            {%- do months.update({row[0]: row[1]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(months) }}
{%- endmacro %}

{# Every cell of the columns for months as a row: DuckDB unnests lists of equal length side by side. #}
{% macro package_cells(month_columns, months, columns) -%}
    {%- set cells = {} -%}
    {%- for column in columns if column[0] in months -%}
        {%- do cells.setdefault(months[column[0]], []).append(call_attribution.package_text(column)) -%}
    {%- endfor -%}
    {%- set values = [] -%}
    {%- for spellings in cells.values() -%}
        {%- do values.append('coalesce(' ~ spellings | join(', ') ~ ')') -%}
    {%- endfor -%}
    {{ return({
        month_columns.month | lower: ["unnest(['" ~ cells | join("', '") ~ "'])"],
        month_columns.value | lower: ['unnest([' ~ values | join(', ') ~ '])'],
    }) }}
{%- endmacro %}

{# Stops the build if the table lacks a column without which its rows say nothing: landing refuses such a file. #}
{% macro check_package_columns(source, table, found) -%}
    {%- set landing = source.config.meta.landing -%}
    {%- for need in landing.required_columns if not (need == landing.cookie and call_attribution.variable('tracker_cookie_column')) -%}
        {%- set filled = [] -%}
        {%- for name in need.split(' | ') if call_attribution.normalise_name(name) in found -%}{%- do filled.append(name) -%}{%- endfor -%}
        {%- if not filled -%}
            {%- set months = ' and no column for a month, such as Aug-17, Aug 2017 or 2017-08'
                if landing.month_columns and need == landing.month_columns.value else '' -%}
            {{ call_attribution.raise_package_error(source, table, 'has no column ' ~ need | replace(' | ', ' or ') ~ months) }}
        {%- endif -%}
    {%- endfor -%}
    {%- for once in landing.required_once or [] if call_attribution.normalise_name(once.column) not in found -%}
        {{ call_attribution.raise_package_error(source, table, 'has no column ' ~ once.column, once.hint) }}
    {%- endfor -%}
{%- endmacro %}

{% macro raise_package_error(source, table, problem, hint='') -%}
    {{ exceptions.raise_compiler_error('Variable call_attribution_tables names ' ~ table ~ ' for ' ~ source.source_name ~ '/' ~ source.name
        ~ ', which ' ~ problem ~ '. ' ~ (hint or 'Write a view that has the right columns, and name the view instead.')) }}
{%- endmacro %}

{# The key of a row. A part that is cast is compared by its meaning: `Aug-17` and `2017-08` are one month. In plain text, such as the
   name of a channel, a word for null is a word. #}
{% macro package_key(source) -%}
    {%- set key = source.config.meta.landing.key -%}
    {%- set first, others = (key, []) if key is string else (key[0], key[1:]) -%}
    {%- set column = call_attribution.quoted_name(first, '"') -%}
    {%- if source.columns[first].data_type == 'salesforce_id' -%}{%- set column = call_attribution.salesforce_id(column) -%}{%- endif -%}
    {%- if source.columns[first].data_type != 'varchar' -%}{%- set column = call_attribution.without_null_words(column) -%}{%- endif -%}
    {%- if not others -%}{{ return(column) }}{%- endif -%}
    {%- set parts = [call_attribution.key_part(column)] -%}
    {%- for names in others -%}
        {%- set values = [] -%}
        {%- for name in names.split(' | ') -%}
            {%- set kind, value = source.columns[name].data_type, call_attribution.quoted_name(name, '"') -%}
            {%- if kind in ['timestamp', 'date', 'boolean', 'number', 'month', 'cost'] -%}
                {%- set value = 'cast(' ~ call_attribution['parse_' ~ kind](value) ~ ' as varchar)' -%}
            {%- elif kind != 'varchar' -%}
                {%- set value = call_attribution.without_null_words(value) -%}
            {%- endif -%}
            {%- do values.append(value) -%}
        {%- endfor -%}
        {%- do parts.append(call_attribution.key_part('coalesce(' ~ values | join(', ') ~ ", '')")) -%}
    {%- endfor -%}
    {{ return(parts | join(" || '/' || ")) }}
{%- endmacro %}
