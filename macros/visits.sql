{# The inputs that decide a visit's channel; '' if unknown, so that joins can use plain equality. The landing page
   fills inputs that the source leaves empty (R2.4).

   visits: relation with page_raw, page, referrer, query (url_query of page_raw) and its raw_parameters, utm_medium,
           utm_source, utm_campaign, web_source, ad_provider, source_channel #}
{% macro visit_inputs(visits) -%}
{%- set v = visits ~ '.' -%}
    coalesce({{ url_host(v ~ 'referrer') }}, '') as referrer_host,
    coalesce({{ url_page('coalesce(' ~ v ~ 'page_raw, ' ~ v ~ 'page)') }}, '') as page,
    coalesce({{ parameter_names(v ~ 'query') }}, '') as parameter_names,
    coalesce({{ v }}utm_medium, {{ url_value(v ~ 'raw_utm_medium') }}, '') as utm_medium,
    {{ v }}utm_medium is not null as has_own_medium,
    coalesce({{ v }}utm_source, {{ url_value(v ~ 'raw_utm_source') }}, '') as utm_source,
    coalesce({{ v }}utm_campaign, {{ url_value(v ~ 'raw_utm_campaign') }}, '') as utm_campaign,
    coalesce({{ v }}web_source, '') as web_source,
    coalesce({{ v }}ad_provider, '') as ad_provider,
    {{ landing_page_network(v) | indent(4) }} as landing_page_network,
    {#- R3.5: only if the source's channel decides, because it multiplies the combinations. #}
    {% if variable('session_channel') == 'source' -%} coalesce({{ v }}source_channel, '') {%- else -%} '' {%- endif %} as source_channel
{%- endmacro %}

{# The query parameters that visit_inputs reads, unless the source fills their column. #}
{% macro raw_parameters(query) -%}
    {% for parameter in ad_network_parameters() if parameter.name != 'utm_medium' -%}
    {{ raw_parameter(query, parameter.name) }} as raw_network_{{ parameter.number }},
    {% endfor -%}
    {% for name in ['utm_medium', 'utm_source', 'utm_campaign'] -%}
    case when {{ name }} is null then {{ raw_parameter(query, name) }} end as raw_{{ name }}{{ ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}

{# The network that the first parameter of seed ad_networks with a known value names; '' if none does. #}
{% macro landing_page_network(v) -%}
{%- set parameters = ad_network_parameters() -%}
coalesce(
    {%- for parameter in parameters %}
    {%- set value = url_value(v ~ 'raw_network_' ~ parameter.number) if parameter.name != 'utm_medium'
        else 'coalesce(' ~ v ~ 'utm_medium, ' ~ url_value(v ~ 'raw_utm_medium') ~ ')' %}
    case lower({{ value }}) {% for known, network in parameter.networks.items() -%}
        when {{ escaped_literal(known) }} then {{ escaped_literal(network) }} {% endfor %} end,
    {%- endfor %}
    ''
)
{%- endmacro %}

{# R4.1: the campaign parameters or click ids of a query, in one form for equal ones: each once, sorted, with decoded values. #}
{% macro arrival_parameters(query, click_ids) %}{{ return(adapter.dispatch('arrival_parameters', 'call_attribution')(query, click_ids)) }}{% endmacro %}
{% macro duckdb__arrival_parameters(query, click_ids) -%}
array_to_string(list_sort(list_distinct(list_transform(
    list_filter(string_split({{ query }}, '&'), lambda parameter: {{ is_arrival_parameter('parameter', click_ids) }}),
    lambda parameter: {{ compared_parameter('parameter') }}
))), '&')
{%- endmacro %}

{# A parameter with its name in lower case and its value decoded. #}
{% macro compared_parameter(parameter) -%}
{%- set name = "split_part(" ~ parameter ~ ", '=', 1)" -%}
{%- set value = 'substr(' ~ parameter ~ ', length(' ~ name ~ ') + 2)' -%}
lower({{ name }}) || '=' || coalesce({{ url_value(value) }}, '')
{%- endmacro %}

{# Campaign parameters, or click ids with a value. #}
{% macro is_arrival_parameter(parameter, click_ids) -%}
{%- if click_ids -%}
{{ matches_pattern('lower(' ~ parameter ~ ')', '^(?:' ~ click_id_names() | join('|') ~ ')=.') }}
{%- else -%}
lower(substr({{ parameter }}, 1, 4)) = 'utm_'
{%- endif -%}
{%- endmacro %}

{# Seed ad_networks by parameter, in order of priority: name, number and the network of each value. #}
{% macro ad_network_parameters() -%}
    {%- set parameters = [] -%}
    {%- for row in seed_rows('ad_networks', ['priority', 'lower(parameter)', 'lower(network_value)', 'ad_network']) -%}
        {%- if not parameters or parameters[-1].name != row[1] -%}
            {%- do parameters.append({'name': row[1], 'number': parameters | length, 'networks': {}}) -%}
        {%- endif -%}
        {%- do parameters[-1].networks.update({row[2]: row[3]}) -%}
    {%- endfor -%}
    {{ return(parameters) }}
{%- endmacro %}

{# Names of click ids. #}
{% macro click_id_names() -%}
    {{ return(seed_rows('click_ids', ['lower(parameter)']) | map(attribute=0) | list) }}
{%- endmacro %}

{# A seed's rows, in order. They become literals in the SQL, because an engine would search for a name from a column once per
   row of the seed. A model that calls this declares that it depends on the seed. It does not use ref(): in
   a unit test, ref() is the test's own rows, which do not exist when the model is compiled. #}
{% macro seed_rows(name, columns) -%}
    {%- set seed = adapter.get_relation(
        database=target.database, schema=generate_schema_name('seeds', none) | trim, identifier=name) if execute -%}
    {{ return(run_query('select ' ~ columns | join(', ') ~ ' from ' ~ seed ~ ' order by ' ~ columns | join(', ')).rows
        if seed else []) }}
{%- endmacro %}

{# R4.1: whether a row of web/page_views is a page view by its TYPE: a page or screen, in any spelling, or blank. Rows of another
   type, such as `Scroll`, are not activity. Not by IN, of which DuckDB makes a join, also for readers that do not use it. #}
{% macro is_page_view(type) -%}
case translate(lower({{ type }}), '_- ', '')
    {%- for name in ['pageview', 'page', 'virtualpageview', 'screenview', 'screen'] %}
    when '{{ name }}' then true
    {%- endfor %}
    else {{ type }} is null
end
{%- endmacro %}
