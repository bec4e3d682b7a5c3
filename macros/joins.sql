{# The key of a join that has to come after another one, in which `key` belonged to `one` and found its row in `other`
   wherever there is one. DuckDB orders joins by how many rows they leave, whatever their width, and would hold all that
   small tables say of a row in memory, 30 million times, before it reads the first wide row. A key that depends on both
   sides cannot be looked up before they are joined: ten million sessions with 3 GB, 0.3 GB spilt instead of 6.7. #}
{% macro key_after_join(key, one, other) %}{{ return(adapter.dispatch('key_after_join', 'call_attribution')(key, one, other)) }}{% endmacro %}
{% macro default__key_after_join(key, one, other) -%} {{ key }} {%- endmacro %}
{% macro duckdb__key_after_join(key, one, other) -%}
case when {{ one }} is null or {{ other }} is not null then {{ key }} end
{%- endmacro %}
