-- What does a column mean, and with which variables was this file built?
SELECT
    table_name || '.' || column_name AS name,
    data_type AS type_or_value,
    description
FROM docs_columns
WHERE table_name = 'fct_calls'
UNION ALL
SELECT
    variable,
    value,
    meaning
FROM docs_variables
ORDER BY name;
