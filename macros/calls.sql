{# What call providers write: objects inside a field, telephone numbers in any form. #}

{# A value inside a JSON object, by its dotted path; null where there is none. #}
{% macro json_text(x, path) %}{{ return(adapter.dispatch('json_text', 'call_attribution')(x, path)) }}{% endmacro %}
{% macro duckdb__json_text(x, path) -%}
nullif(case when json_valid({{ x }}) then json_extract_string({{ x }}, '$.{{ path }}') end, '')
{%- endmacro %}

{# What a group of a regular expression holds; '' or null where nothing matches. #}
{% macro captured(x, pattern, group=1, any_case=false) %}{{ return(adapter.dispatch('captured', 'call_attribution')(x, pattern, group, any_case)) }}{% endmacro %}
{% macro duckdb__captured(x, pattern, group, any_case) -%}
regexp_extract({{ x }}, {{ call_attribution.pattern_literal(pattern) }}, {{ group }}{{ ", 'i'" if any_case }})
{%- endmacro %}

{# The first group of a regular expression, whatever the case of letters; null where nothing matches. #}
{% macro first_match(x, pattern) -%}
nullif({{ call_attribution.captured(x, pattern, any_case=true) }}, '')
{%- endmacro %}

{# R2.6: the type that a Task counts as, by what a blank one means. #}
{% macro effective_task_type(policy) -%}
{{ "coalesce(task_type, case when has_call_evidence then 'Call' end)" if policy == 'infer' else 'task_type' }}
{%- endmacro %}

{# R2.3: what the seed says of a type, else a call where there is one. #}
{% macro marketing_touch_type(effective_type, mapped) -%}
coalesce({{ mapped }}, case when {{ effective_type }} is null then 'Web Visit' else 'Phone Call' end)
{%- endmacro %}

{# A telephone number as it is compared: digits only, without the international prefix, and without the 1 of the North
   American plan, which half of the systems leave out. Fewer than seven digits are no number. #}
{% macro phone_number(x) -%}
{%- set digits = "translate(" ~ x ~ ", translate(" ~ x ~ ", '0123456789', ''), '')" -%}
{%- set full = "case when " ~ digits ~ " like '00%' then substr(" ~ digits ~ ", 3) else " ~ digits ~ " end" -%}
case
    when length({{ full }}) < 7 then null
    when length({{ full }}) = 11 and ({{ full }}) like '1%' then substr({{ full }}, 2)
    else {{ full }}
end
{%- endmacro %}

{# The patterns for Task.Description (a seed), in their order, as a list of dictionaries. They become part of the SQL:
   an expression that stands in a column is compiled again for every row (500,000 Tasks: 526 s, now 3 s). #}
{% macro task_description_patterns() -%}
    {%- set seed = ref('task_description_patterns') -%}
    {%- set patterns = [] -%}
    {%- if execute -%}
        {%- set query -%}
            select kind, provider, marker, pattern from {{ seed }} order by kind, priority, marker, pattern
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- do patterns.append(
                {'kind': row[0], 'provider': row[1] or '', 'marker': row[2] | lower, 'pattern': row[3]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(patterns) }}
{%- endmacro %}

{# A text as a literal; `single_line_literal` is for texts that people read. #}
{% macro escaped_literal(text) %}{{ return(adapter.dispatch('escaped_literal', 'call_attribution')(text)) }}{% endmacro %}
{% macro default__escaped_literal(text) -%} '{{ text | replace("'", "''") }}' {%- endmacro %}

{# A regular expression as a literal, in the engine's flavour. #}
{% macro pattern_literal(pattern) %}{{ return(adapter.dispatch('pattern_literal', 'call_attribution')(pattern)) }}{% endmacro %}
{% macro default__pattern_literal(pattern) -%} {{ call_attribution.escaped_literal(pattern) }} {%- endmacro %}

{# What the first pattern of a kind found that found anything (`value`), or the provider that it belongs to; the
   findings stand in columns found_0, found_1 and so on, in the order of the patterns. #}
{% macro first_found(patterns, kind, what) -%}
    {%- set cases = [] -%}
    {%- for pattern in patterns if pattern.kind == kind -%}
        {%- set found = 'found_' ~ patterns.index(pattern) -%}
        {%- set value = found if what == 'value' else call_attribution.escaped_literal(pattern.provider) -%}
        {%- do cases.append('when ' ~ found ~ ' is not null then ' ~ value) -%}
    {%- endfor -%}
    nullif({{ 'case ' ~ cases | join(' ') ~ ' end' if cases else 'cast(null as string)' }}, '')
{%- endmacro %}

{# True where a field of the call time ladder is CreatedDate, in whatever spelling. #}
{% macro is_created_date(field) -%}
coalesce({{ field }} in ('CreatedDate'
    {%- for name in variable('call_time_ladder') if call_attribution.normalise_name(name) == 'createddate' %}, '{{ name }}'{% endfor %}), false)
{%- endmacro %}
