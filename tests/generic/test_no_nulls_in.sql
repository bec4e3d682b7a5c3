{# None of the columns is ever null. One scan for all columns, because the overhead of a test exceeds its scan. #}
{% test no_nulls_in(model, columns) %}
with counts as (
    select
        {% for column in columns -%}
        count(*) - count({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ model }}
)

{% for column in columns -%}
select
    '{{ column }}' as column_name,
    {{ column }} as null_rows
from counts
where {{ column }} > 0
{{ 'union all' if not loop.last }}
{% endfor %}
{% endtest %}
