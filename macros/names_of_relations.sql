{# Schemas are named as configured: `staging`, not `main_staging`. As a package, next to yours: `call_attribution_staging`, and
   `call_attribution` for the marts. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set schema = custom_schema_name | trim if custom_schema_name else target.schema -%}
    {%- if call_attribution.is_package() -%}
        {{ 'call_attribution' ~ ('' if schema == 'main' else '_' ~ schema) }}
    {%- else -%}
        {{ schema }}
    {%- endif -%}
{%- endmacro %}

{# As a package, everything is in your own database: the attached file of marts belongs to publishing. Spark has no databases:
   the value must be none and not ''. dbt treats the two as different and would not find the relation. #}
{% macro generate_database_name(custom_database_name=none, node=none) -%}
    {%- do call_attribution.check_package_project() -%}
    {{ return(custom_database_name if custom_database_name and not call_attribution.is_package() else target.database or none) }}
{%- endmacro %}
