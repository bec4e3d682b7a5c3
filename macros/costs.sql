{# Helpers of the costs (R16). Costs are whole micros, millionths of a unit of their currency. #}

{# No cost reaches a million millions: larger ones are typing errors, and would not fit into BIGINT as micros. #}
{% macro largest_cost() -%} 1000000000000 {%- endmacro %}

{# R16.4: the most days over which a Campaign's cost is spread, a hundred years. An end in 9999 means that nobody knows the end. #}
{% macro longest_campaign() -%} 36525 {%- endmacro %}

{# An amount of 0 or more in micros, rounded half up. #}
{% macro micros(amount) -%}
cast(floor({{ amount }} * 1000000 + 0.5) as bigint)
{%- endmacro %}

{# The month that follows the month of a date. #}
{% macro next_month(month) -%}
cast(date_trunc('month', {{ call_attribution.add_minutes('cast(' ~ month ~ ' as timestamp)', 31 * 1440) }}) as date)
{%- endmacro %}

{# What distinguishes the leaves of the spend sheet within a month; any text can be a name. #}
{% macro spend_key() -%}
md5(
    {%- for part in ['level', 'currency_code', 'channel', 'subchannel', 'campaign'] %}
    cast(coalesce(length({{ part }}), -1) as {{ dbt.type_string() }}) || ':' || coalesce({{ part }}, '')
    {{- ' || ' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}

{# Micros as a cost, DECIMAL(18,6); null if they do not fit. #}
{% macro as_cost(micros) -%}
case when abs({{ micros }}) < {{ call_attribution.largest_cost() }} * 1000000
    then cast(cast({{ micros }} as decimal(20, 0)) * 0.000001 as decimal(18, 6)) end
{%- endmacro %}

{# R16.8: what costs are compared with, in whole units: hundredths of a lead, 10^-14 of an opportunity, cents. #}
{% macro result_measures() -%}
{{ return(['leads_hundredths', 'opportunity_units', 'deal_units', 'attributed_cents', 'realized_cents', 'pipeline_cents']) }}
{%- endmacro %}

{# The columns of a fact of feed_roi_results after its model. found: the measures that it has #}
{% macro result_fact(month, found) %}
        {{ month }} as month,
        channel_path,
        campaign_name
        {%- for measure in call_attribution.result_measures() %},
        {{ found.get(measure, 'cast(null as bigint)') }} as {{ measure }}
        {%- endfor %}
{%- endmacro %}
