{# The column of a raw table for a field name in any spelling: only letters, digits and a leading underscore are compared,
   without case. A missing field stops the run; `named_by` says what names it. #}
{% macro raw_column(relation, field, named_by) -%}
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
            {#- A file's column can contain the quote itself. -#}
            {{ call_attribution.quoted_name(found[0], adapter.quote('')[0]) }}
        {%- elif known -%}
            {{ exceptions.raise_compiler_error(named_by ~ " names the field '" ~ field ~ "', but "
                ~ relation.schema | replace('input_', '') ~ '/' ~ relation.identifier ~ ' has no field of this name. '
                ~ 'Correct the name, or add the field to the export.') }}
        {%- else -%}
            {#- The input of a unit test is a CTE, whose columns the adapter cannot list. -#}
            {{ field }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# A column of a seed that users' files may lack, as text. #}
{% macro optional_seed_column(seed, column) -%}
    {%- set known = adapter.get_columns_in_relation(seed) | map(attribute='name') | map('lower') | list if execute else [] -%}
    {#- The input of a unit test is a CTE, whose columns the adapter cannot list. -#}
    {{ return('cast(null as string)' if known and column not in known else column) }}
{%- endmacro %}

{# A column name as it is compared, like `normalise` in orchestration/lib/landing/contract.py: the letters and digits of any script,
   without case, and a leading underscore. A name without any is compared as a whole. #}
{% macro normalise_name(name) -%}
    {%- set name = name.strip() or '_' -%}
    {%- set compared = modules.re.sub('[\\W_]', '', name.lower()) -%}
    {{- ('_' if name.startswith('_') else '') ~ compared if compared else name.lower() -}}
{%- endmacro %}
