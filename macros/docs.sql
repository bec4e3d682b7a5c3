{# A text for people, on one line, as an SQL literal. #}
{% macro single_line_literal(x) -%}
{{ call_attribution.escaped_literal(x | string | replace('\n', ' ') | trim) }}
{%- endmacro %}
