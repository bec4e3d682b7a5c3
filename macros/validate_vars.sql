{# Stops the run at once if a variable has a value that is not allowed. #}
{% macro validate_vars() %}
    {% for name in var('documented_variables') %}
        {% do call_attribution.variable(name) %}
    {% endfor %}
{% endmacro %}

{# The value of a variable. Models and macros read variables through this macro, which checks the value first: dbt renders
   every model before it runs the first hook, so a wrong type would end in a Jinja error. #}
{% macro variable(name) %}
    {% set value = var(name) %}
    {% set allowed = var('documented_variables')[name].allowed %}
    {% if not call_attribution.is_allowed(value, allowed) %}
        {{ exceptions.raise_compiler_error(
            "Variable '" ~ name ~ "' is " ~ value | tojson ~ ". Allowed: " ~ call_attribution.allowed_values(allowed)
            ~ '. Set it in ' ~ call_attribution.file_of_variables() ~ '.') }}
    {% endif %}
    {{ return(value) }}
{% endmacro %}

{# Where a user sets variables, for messages. #}
{% macro file_of_variables() %}
    {% set folder = env_var('CALL_ATTRIBUTION_CONFIG_DIR', '') %}
    {{ return(folder ~ '/variables.yml' if folder else 'dbt_project.yml under vars') }}
{% endmacro %}

{% macro is_allowed(value, allowed) %}
    {% if allowed is not mapping %}
        {# `true` and 1 are equal in Jinja, and a quoted 'false' is true: compare the spelling and the type. #}
        {% for option in allowed if call_attribution.spelling(option) == call_attribution.spelling(value) %}
            {{ return((value is boolean) == (option is boolean)) }}
        {% endfor %}
        {{ return(false) }}
    {% elif 'minutes_from' in allowed %}
        {{ return(value is integer and value is not boolean and allowed.minutes_from <= value <= 525600) }}
    {% elif 'pattern' in allowed %}
        {#- Only what every engine reads alike: characters and sets of them, each with a count, and alternatives. -#}
        {% set piece = '(?:[A-Za-z0-9_-]|[\\[][A-Za-z0-9_.:-]+[\\]])(?:[?*+]|[{][0-9]{1,3}(?:,[0-9]{0,3})?[}])?' %}
        {{ return(value is string and modules.re.fullmatch('(?:' ~ piece ~ ')+(?:[|](?:' ~ piece ~ ')+)*', value) is not none) }}
    {% elif 'name' in allowed %}
        {{ return(value is string and modules.re.fullmatch('[A-Za-z0-9_.-]*', value) is not none) }}
    {% elif value is string or value is mapping or value is not iterable or value | length < allowed.names %}
        {{ return(false) }}
    {% endif %}
    {% set excluded = allowed.except | default([]) | map('lower') | list %}
    {% for name in value %}
        {% if not modules.re.fullmatch('[A-Za-z0-9_.-]+', name | string)
            or call_attribution.normalise_name(name | string) in excluded %}
            {{ return(false) }}
        {% endif %}
    {% endfor %}
    {{ return(true) }}
{% endmacro %}

{# A value as text; the order of a list does not matter. #}
{% macro spelling(value) %}
    {{ return(value | map('string') | sort | string if value is sequence and value is not string else value | string) }}
{% endmacro %}

{# The allowed values of a variable as a text. #}
{% macro allowed_values(allowed) %}
    {% if allowed is not mapping %}
        {{ return(allowed | map('tojson') | map('replace', '"', '') | join(', ')) }}
    {% elif 'minutes_from' in allowed %}
        {{ return('a whole number of minutes from ' ~ allowed.minutes_from ~ ' to 525600') }}
    {% endif %}
    {% if 'name' in allowed %}
        {{ return('the name of ' ~ allowed.name ~ ' (letters, digits, `_`, `.` and `-`), or blank') }}
    {% endif %}
    {% if 'pattern' in allowed %}
        {{ return('a pattern of letters, digits, `_`, `-` and sets such as `[0-9a-f]`, with counts such as `{32}`, and `|`') }}
    {% endif %}
    {{ return(
        'a list of ' ~ ('at least one of the ' if allowed.names else '') ~ allowed.of
        ~ '; names consist of letters, digits, `_`, `.` and `-`') }}
{% endmacro %}
