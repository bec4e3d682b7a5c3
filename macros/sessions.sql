{# The columns of a session that fct_touchpoints shows as the source delivers them, besides keys, start and deletion. To add
   a column, add it here, in stg_web__sessions and in the YAML of fct_touchpoints. #}
{% macro session_columns() -%}
{{ return([
    'is_first_session', 'has_form', 'has_chat', 'has_email', 'has_crm_activity',
    'exported_at', 'export_modified_at',
    'source_channel',
    'landing_page', 'landing_page_raw', 'page_title', 'referrer_page', 'referrer_page_raw', 'referrer_name',
    'ad_provider', 'ad_account_id', 'ad_account_name', 'advertiser_id', 'advertiser_name',
    'site_id', 'site_name', 'placement_id', 'placement_name',
    'ad_campaign_name', 'ad_campaign_id', 'ad_group_name', 'ad_group_id', 'ad_id', 'ad_name',
    'creative_id', 'creative_name', 'creative_description_1', 'creative_description_2',
    'creative_destination_url', 'creative_display_url',
    'keyword_text', 'keyword_id', 'keyword_match_type',
    'utm_term', 'utm_content', 'search_phrase',
    'city', 'region', 'country', 'device', 'isp_name', 'ip_address',
]) }}
{%- endmacro %}

{# The columns as a select list. `changed` maps columns to other expressions. #}
{% macro select_session_columns(relation, changed={}, except=[]) -%}
    {%- for column in call_attribution.session_columns() if column not in except %}
    {{- changed[column] ~ ' as ' ~ column if column in changed else relation ~ '.' ~ column }}{{ ',\n    ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The same for a source that has only the columns `known`; the others are null. #}
{% macro select_known_session_columns(known, except=[]) -%}
    {%- for column in call_attribution.session_columns() if column not in except %}
    {{- known.get(column, 'null') ~ ' as ' ~ column }}{{ ',\n    ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
