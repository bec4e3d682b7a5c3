{# Reads what call providers write: JSON objects, texts with patterns, telephone numbers. #}

{# The value at a dotted path of a JSON object; null if it is missing. #}
{% macro json_text(x, path) %}{{ return(adapter.dispatch('json_text', 'call_attribution')(x, path)) }}{% endmacro %}
{% macro duckdb__json_text(x, path) -%}
nullif(case when json_valid({{ x }}) then json_extract_string({{ x }}, '$.{{ path }}') end, '')
{%- endmacro %}

{# The text of a group of a regular expression; '' or null without a match. #}
{% macro captured(x, pattern, group=1, any_case=false) %}{{ return(adapter.dispatch('captured', 'call_attribution')(x, pattern, group, any_case)) }}{% endmacro %}
{% macro duckdb__captured(x, pattern, group, any_case) -%}
regexp_extract({{ x }}, {{ call_attribution.pattern_literal(pattern) }}, {{ group }}{{ ", 'i'" if any_case }})
{%- endmacro %}

{# The text of the first group of a regular expression, in any case; null without a match. #}
{% macro first_match(x, pattern) -%}
nullif({{ call_attribution.captured(x, pattern, any_case=true) }}, '')
{%- endmacro %}

{# The first Task id in a text. Task ids start with 00T. #}
{% macro task_id_in(x) -%}
{{ call_attribution.salesforce_id(call_attribution.first_match(x, '\\b(00T[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?)\\b')) }}
{%- endmacro %}

{# R1.3, R12.9: the fields that can say when a call happened, by object, the preferred one first. Event comes first, because
   its fields are tested with the object. #}
{% macro call_time_fields() -%}
{{ return({
    'Event': ['bizible2__Bizible_Touchpoint_Date__c', 'StartDateTime', 'CreatedDate'],
    'Task': call_attribution.variable('call_time_ladder'),
}) }}
{%- endmacro %}

{# R1.7, R12.9: the source of a separate call. #}
{% macro call_source(activity_object) -%}
case when {{ activity_object }} = 'Event' then 'Salesforce Event' else 'Salesforce Task' end
{%- endmacro %}

{# R2.6: the type of a Task under a policy for blank types. #}
{% macro effective_task_type(policy) -%}
{{ "coalesce(task_type, case when has_call_evidence then 'Call' end)" if policy == 'infer' else 'task_type' }}
{%- endmacro %}

{# R2.3: the normalised type from the seed, else Phone Call; Web Visit if the type is blank. #}
{% macro marketing_touch_type(resolved_type, mapped) -%}
coalesce({{ mapped }}, case when {{ resolved_type }} is null then 'Web Visit' else 'Phone Call' end)
{%- endmacro %}

{# A telephone number in the form in which numbers are compared: digits only, without the international prefix, without a
   bracketed trunk zero after the country code, and without the 1 of the North American plan, which many systems omit. Null
   if it has fewer than seven digits. #}
{% macro phone_number(x) -%}
{%- set compact = "translate(" ~ x ~ ", " ~ call_attribution.unicode_white_space() ~ ", '')" -%}
{%- set has_trunk_zero = call_attribution.matches_pattern(compact, '^[^0-9]*(?:00)?[1-9][0-9]?[0-9]?[^0-9(]*[(]0[)]') -%}
{%- set number = "case when " ~ has_trunk_zero ~ " then replace(" ~ compact ~ ", '(0)', '') else " ~ x ~ " end" -%}
{%- set digits = call_attribution.digits_of(number) -%}
{%- set full = "case when " ~ digits ~ " like '00%' then substr(" ~ digits ~ ", 3) else " ~ digits ~ " end" -%}
case
    when length({{ full }}) < 7 then null
    when length({{ full }}) = 11 and ({{ full }}) like '1%' then substr({{ full }}, 2)
    else {{ full }}
end
{%- endmacro %}

{% macro digits_of(x) -%}
translate({{ x }}, translate({{ x }}, '0123456789', ''), '')
{%- endmacro %}

{# R1.12: whether a text looks like a call id: six characters or more, one of them a digit, and not a telephone number (7 to 15
   digits with nothing but white space and `+ ( ) . -`). Telephone systems also write constants such as `Jabber Call`. By patterns:
   translate() with so many characters takes 6.3 instead of 0.1 microseconds a text. #}
{% macro looks_like_call_id(x) -%}
{%- set between_digits = '[' ~ call_attribution.unicode_white_space()[1:-1] ~ '+(). -]*' -%}
{%- set telephone_number = '^' ~ between_digits ~ '(?:[0-9]' ~ between_digits ~ '){7,15}$' -%}
coalesce(
    length({{ x }}) >= 6
    and {{ call_attribution.matches_pattern(x, '[0-9]') }}
    and not {{ call_attribution.matches_pattern(x, telephone_number) }},
    false
)
{%- endmacro %}

{# R1.12: a text with plain spaces for no-break and thin ones: the patterns know the plain space only. The links of an incremental
   build read the text alike (orchestration/lib/build/components.py). Four times replace() costs a quarter of translate(). #}
{% macro plain_spaces(x) -%}
{%- set text = namespace(sql=x) -%}
{%- for space in ['\u00a0', '\u2007', '\u2009', '\u202f'] -%}
    {%- set text.sql = "replace(" ~ text.sql ~ ", '" ~ space ~ "', ' ')" -%}
{%- endfor -%}
{{ text.sql }}
{%- endmacro %}

{# The rows of the seed task_description_patterns, in order, as a list of dictionaries. They become literals in the SQL:
   the engine compiles a pattern from a column again for every row (500,000 Tasks: 526 s instead of 3 s). #}
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

{# A text as an SQL literal, escaped. dbt's own `string_literal` does not escape, and other packages call it. #}
{% macro escaped_literal(text) %}{{ return(adapter.dispatch('escaped_literal', 'call_attribution')(text)) }}{% endmacro %}
{% macro default__escaped_literal(text) -%} '{{ text | replace("'", "''") }}' {%- endmacro %}

{# A regular expression as an SQL literal, in the engine's dialect. #}
{% macro pattern_literal(pattern) %}{{ return(adapter.dispatch('pattern_literal', 'call_attribution')(pattern)) }}{% endmacro %}
{% macro default__pattern_literal(pattern) -%} {{ call_attribution.escaped_literal(pattern) }} {%- endmacro %}

{# Matches the literal parts of a pattern: an escaped character, or characters in square brackets. #}
{% macro plain_characters() -%} {{ return('\\\\.|\\[\\^?\\]?[^\\]]*\\]') }} {%- endmacro %}

{# The value that the first matching pattern of a kind found (`value`), or the pattern's provider. Columns found_0, found_1
   and so on contain the findings, in the order of the patterns. A value that looks like a call id precedes those that do not. #}
{% macro first_found(patterns, kind, what) -%}
    {%- set best, others = [], [] -%}
    {%- for pattern in patterns if pattern.kind == kind -%}
        {%- set found = 'found_' ~ patterns.index(pattern) -%}
        {%- set value = found if what == 'value' else call_attribution.escaped_literal(pattern.provider) -%}
        {%- if kind == 'provider_call_id' -%}
            {%- do best.append('when ' ~ call_attribution.looks_like_call_id(found) ~ ' then ' ~ value) -%}
        {%- endif -%}
        {%- do others.append('when ' ~ found ~ ' is not null then ' ~ value) -%}
    {%- endfor -%}
    nullif({{ 'case ' ~ (best + others) | join(' ') ~ ' end' if others else 'cast(null as string)' }}, '')
{%- endmacro %}

{# Whether a field of `call_time_ladder` is CreatedDate, in any spelling. #}
{% macro is_created_date(field) -%}
coalesce({{ field }} in ('CreatedDate'
    {%- for name in variable('call_time_ladder') if call_attribution.normalise_name(name) == 'createddate' %}, '{{ name }}'{% endfor %}), false)
{%- endmacro %}
