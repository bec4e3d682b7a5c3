{# Segment and RudderStack: the tables pages, tracks (also tables of single events) and identifies of their warehouses. #}

{% macro segment_table(from, name) -%}
    {{ return(source(from, call_attribution.variable('web_tracker') ~ '_' ~ name)) }}
{%- endmacro %}

{% macro segment_page_views(from, only) -%}
select
    {{ call_attribution.web_columns('page_views', {
        'COOKIE_ID': call_attribution.cookie_column(call_attribution.segment_table(from, 'pages'), 'anonymous_id'),
        'EVENT_DATE': adapter.quote('timestamp'),
        'CURRENT_PAGE_RAW': call_attribution.segment_page(),
        'REFERRER_PAGE_RAW': 'coalesce(referrer, context_page_referrer)',
        'PAGE_TITLE': 'coalesce(title, context_page_title)',
        'USER_AGENT_STRING': 'context_user_agent',
        'IP_ADDRESS': 'context_ip',
    }, only) }}
from {{ call_attribution.segment_table(from, 'pages') }}
{%- endmacro %}

{% macro segment_form_submits(from, only) -%}
{%- set form_type = call_attribution.form_type('coalesce(event, event_text)') -%}
select
    {{ call_attribution.web_columns('form_submits', {
        'COOKIE_ID': call_attribution.cookie_column(call_attribution.segment_table(from, 'tracks'), 'anonymous_id'),
        'EVENT_DATE': adapter.quote('timestamp'),
        'CURRENT_PAGE_RAW': 'context_page_url',
        'USER_AGENT_STRING': 'context_user_agent',
        'IP_ADDRESS': 'context_ip',
        'EMAIL': call_attribution.segment_address(),
        'FORM_TYPE': form_type,
        'FORM_IDENTIFIER': 'form_id',
    }, only) }}
from {{ call_attribution.segment_table(from, 'tracks') }}
where {{ form_type }} is not null
{%- endmacro %}

{% macro segment_email_to_visitor_ids(from, only) -%}
select
    {{ call_attribution.web_columns('email_to_visitor_ids', {
        'EMAIL': call_attribution.segment_address(),
        'VISITOR_ID': call_attribution.cookie_column(call_attribution.segment_table(from, 'identifies'), 'anonymous_id'),
        'CREATED_DATE': adapter.quote('timestamp'),
    }, only) }}
from {{ call_attribution.segment_table(from, 'identifies') }}
{%- endmacro %}

{# Some versions of the library put the query into `search` only. #}
{% macro segment_page() -%}
case
    when url is null then context_page_url
    when search like '?_%' and position('?' in url) = 0 then split_part(url, '#', 1) || search
    else url
end
{%- endmacro %}

{% macro segment_address() -%}
coalesce(email, context_traits_email, {{ call_attribution.address_or_null('user_id') }})
{%- endmacro %}
