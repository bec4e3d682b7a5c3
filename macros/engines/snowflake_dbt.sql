{# What dbt itself has to say otherwise on Snowflake: seeds. #}

{# A table has no order of its own there, and rules are read from the top: every seed has one more column, its row. Names
   as models write them, in lower case and unquoted, are in capitals there; names of a sheet are as they are. #}
{% macro snowflake__create_csv_table(model, agate_table) %}
    {%- set sql -%}
        create or replace table {{ this.render() }} (
            _seed_row integer
            {%- for name in agate_table.column_names %},
            {{ call_attribution.seed_column(name) }} {{ call_attribution.seed_column_type(model, agate_table, loop.index0) }}
            {%- endfor %}
        )
    {%- endset -%}
    {%- call statement('create_seed') -%} {{ sql }} {%- endcall -%}
    {{ return(sql) }}
{% endmacro %}

{% macro snowflake__load_csv_rows(model, agate_table) %}
    {%- set sql -%}
        insert into {{ this.render() }}
        select
            column1
            {%- for name in agate_table.column_names %},
            cast(column{{ loop.index + 1 }} as {{ call_attribution.seed_column_type(model, agate_table, loop.index0) }})
            {%- endfor %}
        from values
        {%- for row in agate_table.rows %}
        ({{ loop.index0 }}
            {%- for value in row -%}
            , {{ 'null' if value is none else call_attribution.escaped_literal(value | string) }}
            {%- endfor -%}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {%- if agate_table.rows -%}
        {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {%- endif -%}
    {{ return(sql) }}
{% endmacro %}

{% macro seed_column(name) -%}
    {{ name if modules.re.fullmatch('[a-z_][a-z0-9_]*', name) else adapter.quote(name) }}
{%- endmacro %}

{% macro seed_column_type(model, agate_table, index) -%}
    {%- set inferred = adapter.convert_type(agate_table, index) -%}
    {{ model['config'].get('column_types', {}).get(agate_table.column_names[index], inferred) }}
{%- endmacro %}
