{# Creates the macros of the published file. DuckDB binds them on creation, and they must not contain the catalog's name,
   which differs for every analyst; so the marts are the default catalog meanwhile. #}
{% macro create_published_macros() -%}
    {%- if execute and target.type == 'duckdb' %}
use {{ this.include(identifier=false) }};
        {%- for name, parts in explain_macros().items() %}
create or replace macro {{ name }}({{ parts.parameters | join(', ') }}) as table {{ parts.sql }};
comment on macro table {{ name }} is '{{ parts.description | replace("'", "''") }}';
        {%- endfor %}
        {%- for name, parts in snowflake_macros().items() %}
create or replace macro {{ name }}({{ parts.parameters }}) as {{ parts.sql }};
comment on macro {{ name }} is '{{ parts.description | replace("'", "''") }}';
        {%- endfor %}
use {{ adapter.quote(target.database) }};
    {%- endif %}
{%- endmacro %}

{# Snowflake functions that queries on Marketo Measure's warehouse use and DuckDB lacks, if they can behave the same here.
   sqlglot translates syntax, such as `dateadd(month, ...)` and `split(...)[0]`. #}
{% macro snowflake_macros() -%}
{{ return({
    'add_months': {
        'parameters': 'moment, months',
        'description': 'Snowflake: the date some months later; the last day of a month stays a last day.',
        'sql': "case when last_day(cast(moment as date)) = cast(moment as date)
            then last_day(cast(date_trunc('month', cast(moment as timestamp)) + to_months(months) as date))
                + (cast(moment as timestamp) - date_trunc('day', cast(moment as timestamp)))
            else cast(moment as timestamp) + to_months(months) end",
    },
    'dateadd': {
        'parameters': 'part, amount, moment',
        'description': 'Snowflake: the time some units later; the unit in quotes.',
        'sql': "moment + case lower(part)
            when 'year' then to_years(amount) when 'quarter' then to_months(3 * amount) when 'month' then to_months(amount)
            when 'week' then to_days(7 * amount) when 'day' then to_days(amount) when 'hour' then to_hours(amount)
            when 'minute' then to_minutes(amount) when 'second' then to_seconds(amount)
            else error('dateadd accepts year, quarter, month, week, day, hour, minute and second.') end",
    },
    'iff': {
        'parameters': 'condition, yes, otherwise',
        'description': 'Snowflake: the first value if the condition is true, else the second.',
        'sql': 'case when condition then yes else otherwise end',
    },
    'nvl': {
        'parameters': 'a, b',
        'description': 'Snowflake: the first value that is not null.',
        'sql': 'coalesce(a, b)',
    },
    'nvl2': {
        'parameters': 'tested, filled, missing',
        'description': 'Snowflake: the second value if the first is not null, else the third.',
        'sql': 'case when tested is not null then filled else missing end',
    },
    'zeroifnull': {
        'parameters': 'a',
        'description': 'Snowflake: 0 for null.',
        'sql': 'coalesce(a, 0)',
    },
    'nullifzero': {
        'parameters': 'a',
        'description': 'Snowflake: null for 0.',
        'sql': 'nullif(a, 0)',
    },
    'div0': {
        'parameters': 'a, b',
        'description': 'Snowflake: the quotient; 0 if the divisor is 0.',
        'sql': 'case when b = 0 then 0 else a / b end',
    },
    'to_date': {
        'parameters': 'a',
        'description': 'Snowflake: the day of a time or a text.',
        'sql': 'cast(a as date)',
    },
    'to_timestamp_ntz': {
        'parameters': 'a',
        'description': 'Snowflake: a time without a zone.',
        'sql': 'cast(a as timestamp)',
    },
    'to_varchar': {
        'parameters': 'a',
        'description': 'Snowflake: the value as text.',
        'sql': 'cast(a as varchar)',
    },
    'getdate': {
        'parameters': '',
        'description': 'Snowflake: the time now, UTC.',
        'sql': "cast(now() at time zone 'UTC' as timestamp)",
    },
    'startswith': {
        'parameters': 'a, prefix',
        'description': 'Snowflake: whether a text starts with another one.',
        'sql': 'starts_with(a, prefix)',
    },
    'charindex': {
        'parameters': 'part, a',
        'description': 'Snowflake: the position of a text in another one, from 1; 0 if it is missing.',
        'sql': 'instr(a, part)',
    },
    'equal_null': {
        'parameters': 'a, b',
        'description': 'Snowflake: whether two values are equal; null equals null.',
        'sql': 'a is not distinct from b',
    },
}) }}
{%- endmacro %}
