{# dbt-duckdb guesses a seed's dialect and refuses a row with fewer cells than the header, as hand-edited rule sheets have
   them (R3.1). Quoted line breaks need one thread. The strict mode refuses a line break inside quotes, and lines that end in
   different ways; orchestration/lib/seeds.py has checked the quotes. #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {%- set sql -%}
        copy {{ this.render() }} from {{ call_attribution.escaped_literal(adapter.get_seed_file_path(model)) }} (
            format csv, header true, auto_detect false, delimiter ',', quote '"', escape '"', null_padding true, parallel false,
            strict_mode false
        )
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {%- set trimmed = [] -%}
    {%- for column, type in model['config'].get('column_types', {}).items() if type == 'varchar' and column in agate_table.column_names -%}
        {%- set name = adapter.quote(column) -%}
        {%- do trimmed.append(name ~ ' = ' ~ call_attribution.trim_text(name)) -%}
    {%- endfor -%}
    {#- R1.1: a blank after a name, as spreadsheets leave it, would match nothing. -#}
    {%- if trimmed -%}
        {%- do adapter.add_query('update ' ~ this.render() ~ ' set ' ~ trimmed | join(', '), abridge_sql_log=True) -%}
    {%- endif -%}
    {{ return(sql) }}
{% endmacro %}
