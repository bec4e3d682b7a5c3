{# The attribution models that the marts have columns for (R8.1); the seed holds their weights. #}
{% macro attribution_models() -%}
{{ return(['first_touch', 'lead_creation', 'u_shaped', 'w_shaped', 'full_path', 'custom']) }}
{%- endmacro %}

{# The value of the column `<model>_<suffix>` for the model that another column names. #}
{% macro model_column(model, relation, suffix) -%}
case {{ model }}
    {%- for name in call_attribution.attribution_models() %}
    when '{{ name }}' then {{ relation }}.{{ name }}_{{ suffix }}
    {%- endfor %}
end
{%- endmacro %}

{# Whole numbers of up to 38 digits: exact shares need more than 64 bits. #}
{% macro big_integer(x) %}{{ return(adapter.dispatch('big_integer', 'call_attribution')(x)) }}{% endmacro %}
{% macro duckdb__big_integer(x) -%}
cast({{ x }} as hugeint)
{%- endmacro %}

{# The whole part of a quotient of two positive whole numbers, without a detour over floats. #}
{% macro integer_divide(a, b) %}{{ return(adapter.dispatch('integer_divide', 'call_attribution')(a, b)) }}{% endmacro %}
{% macro duckdb__integer_divide(a, b) -%}
(({{ a }}) // ({{ b }}))
{%- endmacro %}

{# R8.3, largest remainder: the whole units of a share, and one more for the largest remainders until the sum is exact; equal
   remainders in touch order. #}
{% macro rounded_units(measure) -%}
{%- set window = 'partition by opportunity_scenario_number, model order by ' ~ measure ~ '_remainder desc, touch_number' -%}
({{ measure }}_units + case when row_number() over ({{ window }}) <= {{ call_attribution.integer_divide(
    'sum(' ~ measure ~ '_remainder) over (' ~ window ~ ' rows between unbounded preceding and unbounded following)',
    'denominator') }} then 1 else 0 end)
{%- endmacro %}

{# Texts joined by comma and space in the order of a list of expressions, nulls last. #}
{% macro ordered_listagg(x, order) %}{{ return(adapter.dispatch('ordered_listagg', 'call_attribution')(x, order)) }}{% endmacro %}
{% macro duckdb__ordered_listagg(x, order) -%}
string_agg({{ x }}, ', ' order by {{ order | join(' nulls last, ') }} nulls last)
{%- endmacro %}

{# What a touch holds, comma and space between, in the order given: text -> condition (R6.2). #}
{% macro printed_position(held) -%}
substr(
    {%- for text, condition in held.items() %}
        {{ '|| ' if not loop.first }}case when {{ condition }} then ', ' || {{ text }} else '' end
    {%- endfor %}, 3)
{%- endmacro %}

{# True where `problem` (a text) is null; otherwise the run stops and says the text. #}
{% macro raise_if(problem) %}{{ return(adapter.dispatch('raise_if', 'call_attribution')(problem)) }}{% endmacro %}
{% macro duckdb__raise_if(problem) -%}
case when {{ problem }} is null then true else error({{ problem }}) end
{%- endmacro %}

{# Whole cents as DECIMAL(18,2), whole units of 10^-12 percent as DECIMAL(18,12): exact, never through a float. #}
{% macro as_money(cents) -%}
cast(cast({{ cents }} as decimal(20, 0)) * 0.01 as decimal(18, 2))
{%- endmacro %}

{% macro as_percentage(units) -%}
cast(cast({{ units }} as decimal(20, 0)) * 0.000000000001 as decimal(18, 12))
{%- endmacro %}

{# Money of a report by model: won amounts are revenue, open ones pipeline revenue, lost ones neither (R8.4). #}
{% macro revenue_columns() -%}
{%- for model in call_attribution.attribution_models() %}
    cast(coalesce(sum(case when is_won then {{ model }}_revenue end), 0) as decimal(18, 2)) as {{ model }}_revenue,
    cast(coalesce(sum(case when not is_closed then {{ model }}_revenue end), 0) as decimal(18, 2))
        as {{ model }}_pipeline_revenue{{ ',' if not loop.last }}
{%- endfor %}
{%- endmacro %}
