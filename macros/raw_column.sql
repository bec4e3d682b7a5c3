{# The column of a raw table for a field name in any spelling: only letters, digits and a leading underscore are compared,
   without case. A missing field stops the run. #}
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
            {#- The input of a unit test is a CTE, whose columns the adapter cannot list. -#}
            {{ field }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro normalise_name(name) -%}
    {{- ('_' if name.startswith('_') else '') ~ modules.re.sub('[^a-z0-9]', '', name | lower) -}}
{%- endmacro %}
