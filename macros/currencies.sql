{# R8.5, R17.2: CTEs up to `rated`, which has every row of `relation` with its conversion_rate; null without a rate. The model
   has CTEs of the live currency_types and dated_rates, and the relation has the columns of int_opportunities__currency_setup
   and a currency_code.
   key: unique in the relation; day: the day whose rate counts #}
{% macro rated_ctes(relation, key, day) -%}
flat_rates as (
    select
        currency_code,
        max(conversion_rate) as conversion_rate
    from currency_types
    group by currency_code
),

daily_rates as (
    select
        {{ relation }}.{{ key }},
        dated_rates.conversion_rate,
        -- Ranges should not overlap; if they do, the one that started last counts.
        row_number() over (
            partition by {{ relation }}.{{ key }} order by dated_rates.starts_on desc, dated_rates.conversion_rate_id
        ) as rate_rank
    from {{ relation }}
    inner join dated_rates
        on {{ relation }}.currency_code = dated_rates.currency_code
        and {{ relation }}.{{ day }} >= dated_rates.starts_on
        and ({{ relation }}.{{ day }} < dated_rates.next_starts_on or dated_rates.next_starts_on is null)
),

dated_currencies as (
    select distinct currency_code from dated_rates
),

rated as (
    select
        {{ relation }}.*,
        case
            when not {{ relation }}.has_currencies then 1
            when {{ relation }}.currency_code = {{ relation }}.corporate_currency_code then 1
            {%- if call_attribution.variable('conversion_rates') == 'dated' %}
            -- A currency with dated rates never falls back to its flat one.
            when dated_currencies.currency_code is not null
                then case when daily_rates.conversion_rate > 0 then daily_rates.conversion_rate end
            {%- endif %}
            when flat_rates.conversion_rate > 0 then flat_rates.conversion_rate
        end as conversion_rate
    from {{ relation }}
    left join daily_rates
        on {{ relation }}.{{ key }} = daily_rates.{{ key }}
        and daily_rates.rate_rank = 1
    left join dated_currencies on {{ relation }}.currency_code = dated_currencies.currency_code
    left join flat_rates on {{ relation }}.currency_code = flat_rates.currency_code
)
{%- endmacro %}

{# The quotient of two whole numbers, rounded half up by absolute value to `decimals`; null if the divisor is null or zero. In
   integers, because the quotient of two decimals is a float on one engine and has other decimals on another. #}
{% macro rounded_quotient(a, b, decimals) -%}
{%- set divisor = 'nullif(' ~ call_attribution.big_integer('abs(' ~ b ~ ')') ~ ', 0)' -%}
{%- set quotient = call_attribution.integer_divide(
    '2 * ' ~ call_attribution.big_integer('abs(' ~ a ~ ')') ~ ' * ' ~ 10 ** decimals ~ ' + ' ~ divisor, '2 * ' ~ divisor) -%}
case when {{ quotient }} < {{ 10 ** 18 }} then cast(
    cast(
        {{ quotient }}
        * case when ({{ a }} < 0) = ({{ b }} < 0) then 1 else -1 end
        as decimal(38, 0)
    ) * {{ '0.' ~ '0' * (decimals - 1) ~ '1' }} as decimal(18, {{ decimals }})
) end
{%- endmacro %}
