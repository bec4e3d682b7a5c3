{# Overrides of dbt's macros on Snowflake: seeds. #}

{# Snowflake tables have no order, and rules are read from the top, so every seed gets a column with its row number. Lower
   case names stay unquoted, as models write them; names of a sheet are quoted. #}
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
            , {{ call_attribution.seed_literal(value) }}
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
