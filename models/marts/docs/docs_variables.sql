{{ config(materialized='view') }}

select
    variable,
    value,
    default_value,
    allowed,
    meaning,
    rule
from (
    values
        {%- for name, documented in var('documented_variables').items() %}
        (
            {{ sql_text(name) }},
            {{ sql_text(variable(name) | tojson) }},
            {{ sql_text(documented.default | tojson) }},
            {{ sql_text(allowed_values(documented.allowed)) }},
            {{ sql_text(documented.meaning) }},
            {{ sql_text(documented.rule) }}
        ){{ ',' if not loop.last }}
        {%- endfor %}
) as variables (variable, value, default_value, allowed, meaning, rule)
