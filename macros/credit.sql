{# The documented models: marts have columns for them (R8.1). The seed attribution_models has the weights of these and of any
   further models (R8.6). #}
{% macro attribution_models() -%}
{{ return(['first_touch', 'lead_creation', 'u_shaped', 'w_shaped', 'full_path', 'custom']) }}
{%- endmacro %}

{# An integer of up to 38 digits: exact shares need more than 64 bits. #}
{% macro big_integer(x) %}{{ return(adapter.dispatch('big_integer', 'call_attribution')(x)) }}{% endmacro %}
{% macro duckdb__big_integer(x) -%}
cast({{ x }} as hugeint)
{%- endmacro %}

{# The whole part of the quotient of two positive integers, without floats. #}
{% macro integer_divide(a, b) %}{{ return(adapter.dispatch('integer_divide', 'call_attribution')(a, b)) }}{% endmacro %}
{% macro duckdb__integer_divide(a, b) -%}
(({{ a }}) // ({{ b }}))
{%- endmacro %}

{# R8.3, largest remainder: the whole units of a share, plus one unit for the largest remainders until the sum is exact.
   Touch order breaks ties. #}
{% macro rounded_units(measure) -%}
{%- set window = 'partition by opportunity_scenario_key, model order by ' ~ measure ~ '_remainder desc, touch_key' -%}
({{ measure }}_units + case when row_number() over ({{ window }}) <= {{ call_attribution.integer_divide(
    'sum(' ~ measure ~ '_remainder) over (' ~ window ~ ' rows between unbounded preceding and unbounded following)',
    'denominator') }} then 1 else 0 end)
{%- endmacro %}

{# Texts joined by a separator, ordered by a list of expressions, nulls last. dbt's own `listagg` ignores the order on
   Spark. #}
{% macro ordered_listagg(x, order, separator=', ') %}{{ return(adapter.dispatch('ordered_listagg', 'call_attribution')(x, order, separator)) }}{% endmacro %}
{% macro duckdb__ordered_listagg(x, order, separator) -%}
string_agg({{ x }}, '{{ separator }}' order by {{ order | join(' nulls last, ') }} nulls last)
{%- endmacro %}

{# The printed position (R6.2): the texts whose conditions are true, in order, joined by comma and space. #}
{% macro printed_position(conditions) -%}
substr(
    {%- for text, condition in conditions.items() %}
        {{ '|| ' if not loop.first }}case when {{ condition }} then ', ' || {{ text }} else '' end
    {%- endfor %}, 3)
{%- endmacro %}

{# True if `problem` is null; otherwise stops the run with `problem` as the message. #}
{% macro raise_if(problem) %}{{ return(adapter.dispatch('raise_if', 'call_attribution')(problem)) }}{% endmacro %}
{% macro duckdb__raise_if(problem) -%}
case when {{ problem }} is null then true else error({{ problem }}) end
{%- endmacro %}

{# Cents as DECIMAL(18,2), and units of 10^-12 percent as DECIMAL(18,12): exact, without floats. #}
{% macro as_money(cents) -%}
cast(cast({{ cents }} as decimal(20, 0)) * 0.01 as decimal(18, 2))
{%- endmacro %}

{% macro as_percentage(units) -%}
cast(cast({{ units }} as decimal(20, 0)) * 0.000000000001 as decimal(18, 12))
{%- endmacro %}

{# The reverse, BIGINT. #}
{% macro as_cents(money) -%}
cast({{ money }} * 100 as bigint)
{%- endmacro %}

{% macro as_units(percentage) -%}
cast({{ percentage }} * 1000000000000 as bigint)
{%- endmacro %}

{# Revenue and pipeline revenue per model: of won and of open opportunities (R8.4). #}
{% macro revenue_columns() -%}
{%- for model in call_attribution.attribution_models() %}
    cast(coalesce(sum(case when is_won then {{ model }}_revenue end), 0) as decimal(18, 2)) as {{ model }}_revenue,
    cast(coalesce(sum(case when not is_closed then {{ model }}_revenue end), 0) as decimal(18, 2))
        as {{ model }}_pipeline_revenue{{ ',' if not loop.last }}
{%- endfor %}
{%- endmacro %}
