{# The column is unique and never null. #}
{% test one_row_per_key(model, column_name) %}
{{ call_attribution.repeated_rows(model, [column_name], or_null=true) }}
{% endtest %}
