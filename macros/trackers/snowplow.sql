{# Snowplow: the table atomic.events, or the enriched events from which loaders fill it. #}

{% macro snowplow_page_views(from, only) -%}
select
    {{ call_attribution.web_columns('page_views', {
        'COOKIE_ID': call_attribution.cookie_column(source(from, 'snowplow_events'), 'domain_userid'),
        'EVENT_DATE': call_attribution.snowplow_time(),
        'CURRENT_PAGE_RAW': 'page_url',
        'REFERRER_PAGE_RAW': 'page_referrer',
        'PAGE_TITLE': 'page_title',
        'USER_AGENT_STRING': 'useragent',
        'IP_ADDRESS': 'user_ipaddress',
    }, only) }}
from {{ source(from, 'snowplow_events') }}
where coalesce(event_name, event) = 'page_view'
{%- endmacro %}

{% macro snowplow_form_submits(from, only) -%}
{%- set form_type = call_attribution.form_type('coalesce(event_name, event)') -%}
{%- set form = 'coalesce(unstruct_event, unstruct_event_com_snowplowanalytics_snowplow_submit_form_1, '
    ~ 'unstruct_event_com_snowplowanalytics_snowplow_submit_form_1_0_0)' -%}
select
    {{ call_attribution.web_columns('form_submits', {
        'COOKIE_ID': call_attribution.cookie_column(source(from, 'snowplow_events'), 'domain_userid'),
        'EVENT_DATE': call_attribution.snowplow_time(),
        'CURRENT_PAGE_RAW': 'page_url',
        'USER_AGENT_STRING': 'useragent',
        'IP_ADDRESS': 'user_ipaddress',
        'EMAIL': 'coalesce(' ~ call_attribution.submitted_address(form) ~ ', ' ~ call_attribution.address_or_null('user_id') ~ ')',
        'FORM_TYPE': form_type,
        'FORM_IDENTIFIER': call_attribution.first_match(form, '"form_?id" *: *"([^"]*)"'),
    }, only) }}
from {{ source(from, 'snowplow_events') }}
where {{ form_type }} is not null
{%- endmacro %}

{% macro snowplow_email_to_visitor_ids(from, only) -%}
select
    {{ call_attribution.web_columns('email_to_visitor_ids', {
        'EMAIL': call_attribution.address_or_null('user_id'),
        'VISITOR_ID': call_attribution.cookie_column(source(from, 'snowplow_events'), 'domain_userid'),
        'CREATED_DATE': 'collector_tstamp',
    }, only) }}
from {{ source(from, 'snowplow_events') }}
{%- endmacro %}

{# The time corrected by the clocks of device and collector, else the collector's. #}
{% macro snowplow_time() -%}
case when {{ call_attribution.parse_timestamp('derived_tstamp') }} is null then collector_tstamp else derived_tstamp end
{%- endmacro %}
