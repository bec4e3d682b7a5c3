{# Overrides of dbt's macros on Spark: session check, types and seeds. #}

{# Stops the run if the session lacks a setting of profiles.yml, because a server can ignore them. Times would then shift
   with the server's zone. #}
{% macro check_session() -%}
    {%- if execute and target.type == 'spark' -%}
        {%- set wanted = {
            'spark.sql.session.timeZone': 'UTC',
            'spark.sql.timestampType': 'TIMESTAMP_NTZ',
            'spark.sql.ansi.enabled': 'false',
        } -%}
        {%- for name, value in wanted.items() -%}
            {%- set found = run_query('set ' ~ name).rows[0][1] -%}
            {%- if found | lower != value | lower -%}
                {{ exceptions.raise_compiler_error(name ~ ' is ' ~ found ~ ' in this session. It must be ' ~ value ~ '.') }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# Contracts and seeds use `varchar`, which needs a length on Spark. #}
{% macro spark_type(name) -%} {{ 'string' if name | lower == 'varchar' else name }} {%- endmacro %}

{% macro spark__cast(field, type) -%} cast({{ field }} as {{ call_attribution.spark_type(type) }}) {%- endmacro %}

{# Spark tables have no order, and rules are read from the top, so every seed gets a column with its row number. #}
{% macro spark__create_csv_table(model, agate_table) %}
    {%- set sql -%}
        create table {{ this.render() }} (
            _seed_row integer
            {%- for name in agate_table.column_names %},
            {{ adapter.quote_seed_column(name | string, model['config'].get('quote_columns')) }} {{ call_attribution.seed_type(model, agate_table, loop.index0) }}
            {%- endfor %}
        )
        {{ file_format_clause() }}
        {{ location_clause() }}
        {{ comment_clause() }}
    {%- endset -%}
    {%- call statement('create_seed') -%} {{ sql }} {%- endcall -%}
    {{ return(sql) }}
{% endmacro %}

{# dbt-spark does not escape values, and writes an empty cell as `None`. #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set sql -%}
        insert into {{ this.render() }} values
        {%- for row in agate_table.rows %}
        ({{ loop.index0 }}
            {%- for value in row -%}
            , cast({{ call_attribution.seed_literal(value) }} as {{ call_attribution.seed_type(model, agate_table, loop.index0) }})
            {%- endfor -%}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{% endmacro %}

{% macro seed_type(model, agate_table, index) -%}
    {%- set inferred = adapter.convert_type(agate_table, index) -%}
    {{ call_attribution.spark_type(model['config'].get('column_types', {}).get(agate_table.column_names[index], inferred)) }}
{%- endmacro %}
