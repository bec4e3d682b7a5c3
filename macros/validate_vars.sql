{# Stops the run at once when a variable has a value that no rule knows. #}
{% macro validate_vars() %}
    {% set allowed = {
        'call_session_window_anchor': ['session_start', 'last_activity'],
        'call_medium_source': ['task_type', 'session'],
        'blank_call_type_policy': ['web_visit', 'infer'],
        'session_source': ['auto', 'sessions', 'page_views'],
        'session_channel': ['rules', 'source'],
        'attribution_mapping': ['account', 'contact_role', 'primary_contact_role'],
        'call_time_subtracts_duration': [true, false],
        'dedupe_calls': [true, false],
        'session_channel_carryover': [true, false],
    } %}
    {% for name, values in allowed.items() %}
        {# `true` and 1 are equal in Jinja, and a quoted 'false' is true: compare the spelling as well. #}
        {% if var(name) | string not in values | map('string') | list or (values[0] is boolean and var(name) is not boolean) %}
            {{ call_attribution.refuse_var(name, 'one of ' ~ values | join(', ')) }}
        {% endif %}
    {% endfor %}
    {% for name, least in {'call_session_window_minutes': 0, 'session_timeout_minutes': 1}.items() %}
        {% if var(name) is not integer or var(name) is boolean or var(name) < least or var(name) > 525600 %}
            {{ call_attribution.refuse_var(name, 'a whole number of minutes from ' ~ least ~ ' to 525600') }}
        {% endif %}
    {% endfor %}
    {% for name in ['call_time_ladder', 'own_hosts'] %}
        {% if var(name) is string or var(name) is not iterable or var(name) is mapping %}
            {{ call_attribution.refuse_var(name, 'a list') }}
        {% endif %}
        {% for entry in var(name) if not modules.re.fullmatch('[A-Za-z0-9_.-]+', entry | string) %}
            {{ call_attribution.refuse_var(name, 'a list of names made of letters, digits, `_`, `.` and `-`') }}
        {% endfor %}
    {% endfor %}
    {% if var('call_time_ladder') | length == 0 %}
        {{ call_attribution.refuse_var('call_time_ladder', 'a list of at least one Task field') }}
    {% endif %}
    {% for field in var('call_time_ladder') if call_attribution.normalise_name(field) == 'activitydate' %}
        {{ call_attribution.refuse_var('call_time_ladder', 'Task fields with a time of day; ActivityDate is a date') }}
    {% endfor %}
{% endmacro %}

{% macro refuse_var(name, allowed) %}
    {{ exceptions.raise_compiler_error(
        "Variable '" ~ name ~ "' is " ~ var(name) | tojson ~ ". Allowed: " ~ allowed
        ~ ". Set it in dbt_project.yml under vars.") }}
{% endmacro %}
