{# A text as a SQL literal. #}
{% macro sql_text(x) -%}
{{ call_attribution.text_literal(x | string | replace('\n', ' ') | trim) }}
{%- endmacro %}

{# What the variables of dbt_project.yml mean: rule, allowed values, meaning. docs_variables shows it beside the value. #}
{% macro documented_variables() -%}
{{ return({
    'call_time_ladder': ['R1.3', 'names of Task fields', 'Fields that say when a call happened; the first usable one counts.'],
    'call_time_subtracts_duration': ['R1.3', 'true, false', 'Whether CallDurationInSeconds is taken off CreatedDate, for dialers that write the Task when the call ends.'],
    'call_session_window_minutes': ['R1.4', 'whole minutes from 0', 'How long after the start of a session a call still belongs to it.'],
    'call_session_window_anchor': ['R1.4', 'session_start, last_activity', 'From when those minutes are counted.'],
    'dedupe_calls': ['R1.12', 'true, false', 'Whether Tasks that stand for one call count once.'],
    'call_medium_source': ['R2.2', 'task_type, session', 'Where the medium of a call comes from.'],
    'blank_call_type_policy': ['R2.6', 'web_visit, infer', 'What a call with a blank Type is taken for.'],
    'session_timeout_minutes': ['R1.9, R4.1', 'whole minutes from 1', 'After how long without activity a session is over.'],
    'session_source': ['R4.1', 'auto, sessions, page_views', 'Whether sessions are those of the export or are made from page views.'],
    'own_hosts': ['R4.1', 'host names', 'Your own sites: coming from them is no arrival. Empty: the hosts of the pages seen.'],
    'session_channel': ['R3.5', 'rules, source', "Whether a session's channel is worked out by the rule sheet or is the export's."],
    'session_channel_carryover': ['R3.4', 'true, false', 'Whether a direct session within seven days keeps the channel of the one before.'],
    'attribution_mapping': ['R7.1', 'account, contact_role, primary_contact_role', 'Whose touches count for an opportunity.'],
}) }}
{%- endmacro %}
