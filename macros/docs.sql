{# A text as a SQL literal. #}
{% macro single_line_literal(x) -%}
{{ call_attribution.escaped_literal(x | string | replace('\n', ' ') | trim) }}
{%- endmacro %}
