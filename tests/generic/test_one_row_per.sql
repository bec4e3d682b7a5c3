{# The columns are unique together, as the grain of the table; nulls are equal. #}
{% test one_row_per(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
