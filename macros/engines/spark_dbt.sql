{# What dbt itself has to say otherwise on Spark: types and seeds. #}

{# Contracts and seeds name text as `varchar`, which Spark only knows with a length. #}
{% macro spark_type(name) -%} {{ 'string' if name | lower == 'varchar' else name }} {%- endmacro %}

{% macro spark__cast(field, type) -%} cast({{ field }} as {{ call_attribution.spark_type(type) }}) {%- endmacro %}

{# A table has no order of its own there, and rules are read from the top: every seed has one more column, its row. #}
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

{# dbt-spark writes values without escaping them, and an empty cell as the word None. #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set sql -%}
        insert into {{ this.render() }} values
        {%- for row in agate_table.rows %}
        ({{ loop.index0 }}
            {%- for value in row -%}
            , cast({{ 'null' if value is none else call_attribution.text_literal(value | string) }} as {{ call_attribution.seed_type(model, agate_table, loop.index0) }})
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
