{# Google Analytics 4: the tables events_YYYYMMDD of the export to BigQuery. #}

{% macro ga4_page_views(from, only) -%}
select
    {{ call_attribution.web_columns('page_views', {
        'COOKIE_ID': call_attribution.ga4_cookie(),
        'EVENT_DATE': 'event_timestamp',
        'CURRENT_PAGE_RAW': call_attribution.event_parameter('event_params', 'page_location'),
        'REFERRER_PAGE_RAW': call_attribution.ga4_referrer(),
        'PAGE_TITLE': call_attribution.event_parameter('event_params', 'page_title'),
    }, only) }}
from {{ source(from, 'ga4_events') }}
where event_name = 'page_view'
{%- endmacro %}

{% macro ga4_form_submits(from, only) -%}
{%- set form_type = call_attribution.form_type('event_name') -%}
select
    {{ call_attribution.web_columns('form_submits', {
        'COOKIE_ID': call_attribution.ga4_cookie(),
        'EVENT_DATE': 'event_timestamp',
        'CURRENT_PAGE_RAW': call_attribution.event_parameter('event_params', 'page_location'),
        'EMAIL': call_attribution.address_or_null('user_id'),
        'FORM_TYPE': form_type,
        'FORM_IDENTIFIER': call_attribution.event_parameter('event_params', 'form_id'),
    }, only) }}
from {{ source(from, 'ga4_events') }}
where {{ form_type }} is not null
{%- endmacro %}

{% macro ga4_email_to_visitor_ids(from, only) -%}
select
    {{ call_attribution.web_columns('email_to_visitor_ids', {
        'EMAIL': call_attribution.address_or_null('user_id'),
        'VISITOR_ID': call_attribution.ga4_cookie(),
        'CREATED_DATE': 'event_timestamp',
    }, only) }}
from {{ source(from, 'ga4_events') }}
{%- endmacro %}

{# A custom dimension is an event parameter. #}
{% macro ga4_cookie() -%}
    {%- set name = call_attribution.variable('tracker_cookie_column') -%}
    {{- 'user_pseudo_id' if not name else name if name == 'user_id' else call_attribution.cookie_parameter('event_params', name) -}}
{%- endmacro %}

{# GA4 marks a referrer that its settings exclude, such as a payment page or another domain of the site. #}
{% macro ga4_referrer() -%}
case
    when coalesce({{ call_attribution.event_parameter('event_params', 'ignore_referrer') }}, '') <> 'true'
        then {{ call_attribution.event_parameter('event_params', 'page_referrer') }}
end
{%- endmacro %}
