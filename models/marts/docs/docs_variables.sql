{{ config(materialized='one_statement_view' if target.type == 'duckdb' else 'view') }}

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
            {{ single_line_literal(name) }},
            {{ single_line_literal(variable(name) | tojson) }},
            {{ single_line_literal(documented.default | tojson) }},
            {{ single_line_literal(allowed_values(documented.allowed)) }},
            {{ single_line_literal(documented.meaning) }},
            {{ single_line_literal(documented.rule) }}
        ){{ ',' if not loop.last }}
        {%- endfor %}
) as variables (variable, value, default_value, allowed, meaning, rule)
