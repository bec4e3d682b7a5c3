{# The explanation of a verdict (seed `verdicts`) for one Task, with its placeholders replaced. #}
{% macro verdict_explanation(explanation, seconds, duplicate_of) -%}
{{ call_attribution.fill_placeholders(explanation, {
    'duplicate_of_task_id': duplicate_of,
    'distance': call_attribution.format_seconds(seconds)
        ~ ' || case when ' ~ seconds ~ " < 0 then ' after the call' else ' before the call' end",
    'window': call_attribution.counted(call_attribution.variable('call_session_window_minutes'), 'minute'),
    'window_anchor': "'the last activity in it'" if call_attribution.variable('call_session_window_anchor') == 'last_activity'
        else "'its start'",
}) }}
{%- endmacro %}

{# The advice on the verdict of `call`, a row of fct_calls, joined with `docs_verdicts`. #}
{% macro call_advice() -%}
    {%- set circumstances = {
        'blank_type': 'false' if call_attribution.variable('blank_call_type_policy') == 'infer' else 'call.task_type is null',
        'malformed_bizible_id': 'not call.is_bizible_id_wellformed',
        'whole_hours_apart': 'abs(call.seconds_to_nearest_session) between 3480 and 50520
            and abs(call.seconds_to_nearest_session - 3600 * round(call.seconds_to_nearest_session / 3600)) <= 120',
        'call_came_first': 'call.seconds_to_nearest_session < 0',
    } -%}
    {%- set advice -%}
case
        {%- for hint in call_attribution.verdict_hints() %}
    when call.verdict = '{{ hint.verdict }}' and ({{ circumstances[hint.circumstance] }})
        then {{ call_attribution.escaped_literal(hint.advice) }}
        {%- endfor %}
    else docs_verdicts.advice
end
    {%- endset -%}
{{ call_attribution.fill_placeholders(advice, {
    'duplicate_of_task_id': 'call.duplicate_of_task_id',
    'called_at_source': 'call.called_at_source',
}) }}
{%- endmacro %}

{# The rows of the seed `verdict_hints` in their order. #}
{% macro verdict_hints() -%}
    {%- set seed = ref('verdict_hints') -%}
    {%- set hints = [] -%}
    {%- if execute -%}
        {%- for row in run_query('select verdict, circumstance, advice from ' ~ seed ~ ' order by hint_order').rows -%}
            {%- do hints.append({'verdict': row[0], 'circumstance': row[1], 'advice': row[2]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(hints) }}
{%- endmacro %}

{# Replaces each `{name}` in a text by a value. A null value becomes an empty text, because replace() would return null. #}
{% macro fill_placeholders(text, values) -%}
    {%- set filled = namespace(text=text) -%}
    {%- for name, value in values.items() -%}
        {%- set filled.text = 'replace(' ~ filled.text ~ ", '{" ~ name ~ "}', coalesce(" ~ value ~ ", ''))" -%}
    {%- endfor -%}
    {{ filled.text }}
{%- endmacro %}

{# A whole number with its noun: `1 second`, `2 seconds`. #}
{% macro counted(number, noun, nouns=none) -%}
cast({{ number }} as string) || case when {{ number }} = 1 then ' {{ noun }}' else ' {{ nouns or noun ~ 's' }}' end
{%- endmacro %}

{# A duration in seconds, without its sign, in the largest fitting unit. #}
{% macro format_seconds(seconds) -%}
case
    {%- for limit, length, unit in [(120, 1, 'second'), (7200, 60, 'minute'), (172800, 3600, 'hour'), (none, 86400, 'day')] %}
    {{ 'when abs(' ~ seconds ~ ') < ' ~ limit ~ ' then' if limit else 'else' }} {{ call_attribution.counted('cast(floor(abs(' ~ seconds ~ ') / ' ~ length ~ ') as bigint)', unit) }}
    {%- endfor %}
end
{%- endmacro %}

{# R11.7, R12.8: the sentence about a campaign member or an activity. #}
{% macro crm_verdict_explanation(verdict, record) -%}
case {{ verdict }}
    when 'none_deleted' then 'The {{ record }} is deleted in Salesforce.'
    when 'none_campaign_deleted' then 'The Campaign is deleted in Salesforce, or not landed.'
    when 'none_not_synced' then 'Neither a rule nor the picklist of the Campaign lets this {{ record }} make a touch.'
    when 'none_outside_dates' then 'The {{ record }} was created outside the touchpoint dates of the Campaign.'
    when 'none_tracked_call' then 'The {{ record }} is a tracked call: fct_calls shows to which touch it belongs.'
    when 'none_without_date' then 'The field that dates the touch is blank or unreadable.'
    when 'none_without_person' then 'The {{ record }} names no live Contact or Lead with an email address.'
    when 'touch' then 'The {{ record }} is a touch of this person.'
end
{%- endmacro %}
