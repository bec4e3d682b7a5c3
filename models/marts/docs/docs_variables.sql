-- One row per variable with the value that this build was made with.
{{ config(materialized='view') }}

select
    variable,
    value,
    allowed,
    meaning,
    rule
from (
    values
        {%- for name, documented in documented_variables().items() %}
        ({{ sql_text(name) }}, {{ sql_text(var(name) | tojson) }}, {{ sql_text(documented[1]) }},
            {{ sql_text(documented[2]) }}, {{ sql_text(documented[0]) }}){{ ',' if not loop.last }}
        {%- endfor %}
) as variables (variable, value, allowed, meaning, rule)
