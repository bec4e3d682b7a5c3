{# The column of a raw table that a field name stands for, whatever spelling the source uses (letters and digits,
   lower case, a leading underscore kept). A field that the table does not have stops the run. #}
{% macro raw_column(relation, field) -%}
    {%- if not execute -%}
        null
    {%- else -%}
        {%- set wanted = call_attribution.normalise_name(field) -%}
        {%- set known = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
        {%- set found = [] -%}
        {%- for name in known if call_attribution.normalise_name(name) == wanted -%}
            {%- do found.append(name) -%}
        {%- endfor -%}
        {%- if found -%}
            {{ adapter.quote(found[0]) }}
        {%- elif known -%}
            {{ exceptions.raise_compiler_error("The table " ~ relation ~ " has no field '" ~ field
                ~ "', which a variable in dbt_project.yml names. Correct the name, or add the field to the export.") }}
        {%- else -%}
            {#- A unit test's input is no relation that has columns. -#}
            {{ field }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro normalise_name(name) -%}
    {{- ('_' if name.startswith('_') else '') ~ modules.re.sub('[^a-z0-9]', '', name | lower) -}}
{%- endmacro %}
