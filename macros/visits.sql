{# The inputs from which a visit's channel follows; '' if unknown, so that joins can use plain equality. The landing page
   fills inputs that the source leaves empty (R2.4).

   visits: relation with page_raw, page, referrer, query (url_query of page_raw) and its raw_parameters, utm_medium,
           utm_source, utm_campaign, web_source, ad_provider, source_channel #}
{% macro visit_inputs(visits) -%}
{%- set v = visits ~ '.' -%}
    coalesce({{ url_host(v ~ 'referrer') }}, '') as referrer_host,
    coalesce({{ url_page('coalesce(' ~ v ~ 'page_raw, ' ~ v ~ 'page)') }}, '') as page,
    coalesce({{ parameter_names(v ~ 'query') }}, '') as parameter_names,
    coalesce({{ v }}utm_medium, {{ url_value(v ~ 'raw_utm_medium') }}, '') as utm_medium,
    coalesce({{ v }}utm_source, {{ url_value(v ~ 'raw_utm_source') }}, '') as utm_source,
    coalesce({{ v }}utm_campaign, {{ url_value(v ~ 'raw_utm_campaign') }}, '') as utm_campaign,
    coalesce({{ v }}web_source, '') as web_source,
    coalesce({{ v }}ad_provider, '') as ad_provider,
    coalesce(lower({{ url_value(v ~ 'raw_bn') }}), '') as ad_network_value,
    {#- R3.5: only if the source's channel decides, because it multiplies the combinations. #}
    {% if variable('session_channel') == 'source' -%} coalesce({{ v }}source_channel, '') {%- else -%} '' {%- endif %} as source_channel
{%- endmacro %}

{# The query parameters that visit_inputs reads, unless the source fills their column. #}
{% macro raw_parameters(query) -%}
    {% for name in ['utm_medium', 'utm_source', 'utm_campaign'] -%}
    case when {{ name }} is null then {{ raw_parameter(query, name) }} end as raw_{{ name }},
    {% endfor -%}
    {{ raw_parameter(query, '_bn') }} as raw_bn
{%- endmacro %}
