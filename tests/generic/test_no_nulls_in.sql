{# No row lacks any of the columns: one scan for all of them, since a test for each costs more than what it looks at. #}
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
