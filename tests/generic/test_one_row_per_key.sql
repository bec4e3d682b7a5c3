{# The column is unique and never null. #}
{% test one_row_per_key(model, column_name) %}
{{ call_attribution.repeated_rows(model, [column_name]) }}
union all
select
    {{ column_name }},
    count(*) as row_count
from {{ model }}
where {{ column_name }} is null
group by {{ column_name }}
{% endtest %}
