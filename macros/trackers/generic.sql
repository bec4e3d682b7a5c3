{# Any other tracker: one table of events, whose columns seed tracker_columns names. #}

{% macro generic_page_views(from, only) -%}
select
    {{ call_attribution.web_columns('page_views', {
        'COOKIE_ID': call_attribution.own_column('cookie_id'),
        'EVENT_DATE': call_attribution.own_column('event_at'),
        'CURRENT_PAGE_RAW': call_attribution.own_column('page_url'),
        'REFERRER_PAGE_RAW': call_attribution.own_column('referrer_url'),
        'PAGE_TITLE': call_attribution.own_column('page_title'),
        'USER_AGENT_STRING': call_attribution.own_column('user_agent'),
        'IP_ADDRESS': call_attribution.own_column('ip_address'),
        'TYPE': call_attribution.own_column('event_name'),
    }, only) }}
from {{ source(from, 'events') }}
where {{ call_attribution.is_page_view(call_attribution.own_column('event_name')) }}
{%- endmacro %}

{% macro generic_form_submits(from, only) -%}
{%- set form_type = call_attribution.form_type(call_attribution.own_column('event_name')) -%}
select
    {{ call_attribution.web_columns('form_submits', {
        'COOKIE_ID': call_attribution.own_column('cookie_id'),
        'EVENT_DATE': call_attribution.own_column('event_at'),
        'CURRENT_PAGE_RAW': call_attribution.own_column('page_url'),
        'USER_AGENT_STRING': call_attribution.own_column('user_agent'),
        'IP_ADDRESS': call_attribution.own_column('ip_address'),
        'EMAIL': call_attribution.own_column('email'),
        'FORM_TYPE': form_type,
    }, only) }}
from {{ source(from, 'events') }}
where {{ form_type }} is not null
{%- endmacro %}

{% macro generic_email_to_visitor_ids(from, only) -%}
select
    {{ call_attribution.web_columns('email_to_visitor_ids', {
        'EMAIL': call_attribution.own_column('email'),
        'VISITOR_ID': call_attribution.own_column('cookie_id'),
        'CREATED_DATE': call_attribution.own_column('event_at'),
    }, only) }}
from {{ source(from, 'events') }}
{%- endmacro %}

{# The name that the user's files give a column; without an entry it is the column's own. #}
{% macro own_column(name) -%}
    {%- for column, own in call_attribution.seed_rows('tracker_columns', ['column_name', 'your_column']) if column == name and own -%}
        {{ return(adapter.quote(own)) }}
    {%- endfor -%}
    {{ return(adapter.quote(name)) }}
{%- endmacro %}
