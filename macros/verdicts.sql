{# The verdict of a Task (R1.8) as a sentence that a marketer can read. #}
{% macro verdict_explanation(verdict, seconds, duplicate_of) -%}
{%- set minutes = variable('call_session_window_minutes') -%}
{%- set anchor = 'the last activity in it' if variable('call_session_window_anchor') == 'last_activity' else 'its start' -%}
case {{ verdict }}
    when 'none_deleted' then 'The Task is deleted in Salesforce.'
    when 'none_not_a_call' then 'The Task has no BizibleId and nothing in it says call.'
    when 'none_without_bizible_id' then
        'The call has no BizibleId, so no web session can be found for it: raise it with the call tracking provider.'
    when 'none_without_time' then
        'The call has a BizibleId, but no field with a date and a time of day: its place in the journey is unknown.'
    when 'merged_duplicate' then
        'Task ' || {{ duplicate_of }} || ' stands for the same call; this one falls into a web session and adds nothing.'
    when 'separate_duplicate' then
        'Task ' || {{ duplicate_of }} || ' stands for the same call; this one adds nothing.'
    when 'merged' then 'The call was made in a web session and is what turned the visit into a touchpoint.'
    when 'merged_secondary' then
        'The call was made in a web session whose touchpoint an earlier form, chat or call had made already.'
    when 'separate_unknown_bizible_id' then
        'No web session has this BizibleId, so the call is a touchpoint of its own without web data.'
    when 'separate_outside_window' then
        'The nearest web session of this BizibleId started '
        || {{ call_attribution.spell_seconds(seconds) }}
        || case when {{ seconds }} < 0 then ' after the call. ' else ' before the call. ' end
        || 'A call belongs to a session from the start of the session until {{ minutes }} minutes after {{ anchor }}, '
        || 'so this one is a touchpoint of its own without web data.'
end
{%- endmacro %}

{# A distance in seconds, without its sign, in the largest fitting unit. #}
{% macro spell_seconds(seconds) -%}
case
    when abs({{ seconds }}) < 120 then cast(cast(floor(abs({{ seconds }})) as bigint) as string) || ' seconds'
    when abs({{ seconds }}) < 7200 then cast(cast(floor(abs({{ seconds }}) / 60) as bigint) as string) || ' minutes'
    when abs({{ seconds }}) < 172800 then cast(cast(floor(abs({{ seconds }}) / 3600) as bigint) as string) || ' hours'
    else cast(cast(floor(abs({{ seconds }}) / 86400) as bigint) as string) || ' days'
end
{%- endmacro %}
