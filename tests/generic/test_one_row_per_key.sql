{# Every row has a key and no two rows share one: in one scan, for keys of ten million rows. #}
{% test one_row_per_key(model, column_name) %}
select
    {{ column_name }},
    count(*) as row_count
from {{ model }}
group by {{ column_name }}
having count(*) > 1 or {{ column_name }} is null
{% endtest %}
