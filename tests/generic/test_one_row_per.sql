{# The columns are unique together, as the grain of the table; nulls are equal. #}
{% test one_row_per(model, columns) %}
{{ call_attribution.repeated_rows(model, columns) }}
{% endtest %}
