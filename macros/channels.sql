{# R3.1: the columns of the rule sheet that are conditions, with the input that each of them is compared with. #}
{% macro rule_sheet_cells() -%}
{{ return({
    'Campaign': 'utm_campaign', 'Medium': 'utm_medium', 'Source': 'utm_source', 'Landing Page': 'page', 'Referring Website': 'referrer_host'
}) }}
{%- endmacro %}

{# The inputs that decide the channel of a touch, with the value of an input that is not known. #}
{% macro channel_inputs() -%}
{{ return({
    'referrer_host': "''", 'page': "''", 'parameter_names': "''", 'utm_medium': "''", 'has_own_medium': 'false', 'utm_source': "''",
    'utm_campaign': "''", 'web_source': "''", 'ad_provider': "''", 'landing_page_network': "''", 'source_channel': "''", 'has_other_utm': 'false'
}) }}
{%- endmacro %}

{# All channel inputs of a touch without a visit, of which only these are known. #}
{% macro channel_inputs_without_visit(known) -%}
    {%- for column, unknown in channel_inputs().items() %}
    {{ known.get(column, unknown) }} as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The parts of a channel path: it is split at its first dot. #}
{% macro path_channel(path) -%}
case when position('.' in {{ path }}) > 1
    then {{ call_attribution.trim_text('substr(' ~ path ~ ", 1, position('.' in " ~ path ~ ') - 1)') }}
    else {{ path }}
end
{%- endmacro %}

{% macro path_subchannel(path) -%}
case when position('.' in {{ path }}) > 1
    then {{ call_attribution.trim_text('substr(' ~ path ~ ", position('.' in " ~ path ~ ') + 1)') }}
end
{%- endmacro %}
