{# What channels are decided from, read from the columns and the landing page of a visit; '' where there is none, so
   that the join back is on plain equality. What the source's columns do not fill comes from the page (R2.4). #}
{% macro visit_inputs(page_raw, page, referrer, utm_medium, utm_source, utm_campaign, web_source, ad_provider,
                       source_channel) -%}
    coalesce({{ url_host(referrer) }}, '') as referrer_host,
    coalesce({{ url_page('coalesce(' ~ page_raw ~ ', ' ~ page ~ ')') }}, '') as page,
    coalesce({{ url_parameter_names(page_raw) }}, '') as parameter_names,
    coalesce({{ utm_medium }}, {{ url_parameter(page_raw, 'utm_medium') }}, '') as utm_medium,
    coalesce({{ utm_source }}, {{ url_parameter(page_raw, 'utm_source') }}, '') as utm_source,
    coalesce({{ utm_campaign }}, {{ url_parameter(page_raw, 'utm_campaign') }}, '') as utm_campaign,
    coalesce({{ web_source }}, '') as web_source,
    coalesce({{ ad_provider }}, '') as ad_provider,
    coalesce(lower({{ url_parameter(page_raw, '_bn') }}), '') as ad_network_value,
    {#- R3.5: only where the source's channel decides, for it multiplies the combinations. #}
    {% if var('session_channel') == 'source' -%} coalesce({{ source_channel }}, '') {%- else -%} '' {%- endif %} as source_channel
{%- endmacro %}
