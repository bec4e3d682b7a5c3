{#- R19.5: facts of eight kinds, of which impressions have no source. Keys that a fact does not have are null, and so is that of
    a session that is deleted or not landed (R19.4). #}
{%- set times = {
    'MODIFIED_DATE': 'facts.MODIFIED_DATE',
    'IS_DELETED': 'facts._DELETED_DATE is not null',
    '_CREATED_DATE': 'facts._CREATED_DATE',
    '_MODIFIED_DATE': 'facts._MODIFIED_DATE',
    '_DELETED_DATE': 'facts._DELETED_DATE',
} %}
{%- set no_cost, aggregatable = {}, {} %}
{%- for level in ['AD', 'ADVERTISER', 'ACCOUNT', 'AD_GROUP', 'CAMPAIGN', 'CHANNEL', 'CREATIVE', 'KEYWORD', 'PLACEMENT', 'SITE'] %}
{%- set name = 'IS_AGGREGATABLE_COST_' ~ ('AD_ACCOUNT' if level == 'ACCOUNT' else level) %}
{%- do no_cost.update({name: 'false'}) %}
{%- do aggregatable.update({name: 'facts.' ~ level ~ '_IS_AGGREGATABLE_COST'}) %}
{%- endfor %}
{%- set ads = {
    'AD_PROVIDER_KEY': row_key('facts.AD_PROVIDER'),
    'CAMPAIGN_KEY': 'facts.CAMPAIGN_ROW_KEY',
    'KEYWORD_KEY': 'facts.KEYWORD_ROW_KEY',
    'AD_KEY': 'facts.AD_ROW_KEY',
    'AD_GROUP_KEY': 'facts.AD_GROUP_ROW_KEY',
    'CREATIVE_KEY': 'facts.CREATIVE_ROW_KEY',
    'SITE_KEY': 'facts.SITE_ROW_KEY',
    'ADVERTISER_KEY': 'facts.ADVERTISER_ROW_KEY',
    'AD_ACCOUNT_KEY': 'facts.ACCOUNT_ROW_KEY',
    'PLACEMENT_KEY': 'facts.PLACEMENT_ROW_KEY',
} %}
{%- set cost = dict(times, **aggregatable) %}
{%- do cost.update(ads) %}
{%- set visit = dict(times, **no_cost) %}
{%- do visit.update(ads) %}
{%- do visit.update({
    'CHANNEL_KEY': row_key('facts.CHANNEL'),
    'CURRENT_PAGE_KEY': 'facts.LANDING_PAGE_KEY',
    'REFERRER_PAGE_KEY': 'facts.REFERRER_PAGE_KEY',
    'VISITOR_ID': 'facts.VISITOR_ID',
}) %}
{%- set touch = dict(visit, **{
    'DATE': 'cast(facts.TOUCHPOINT_DATE as date)',
    'TIMESTAMP': 'facts.TOUCHPOINT_DATE',
    'FORM_PAGE_KEY': 'facts.FORM_PAGE_KEY',
    'EMAIL': 'facts.EMAIL',
}) %}
{%- set credit = dict(touch, **{
    'FIRST_CLICK_PERCENTAGE': 'facts.FIRST_CLICK_PERCENTAGE',
    'LAST_ANON_CLICK_PERCENTAGE': 'facts.LAST_ANON_CLICK_PERCENTAGE',
    'U_SHAPE_PERCENTAGE': 'facts.U_SHAPE_PERCENTAGE',
    'W_SHAPE_PERCENTAGE': 'facts.W_SHAPE_PERCENTAGE',
    'FULL_PATH_PERCENTAGE': 'facts.FULL_PATH_PERCENTAGE',
    'CUSTOM_MODEL_PERCENTAGE': 'facts.CUSTOM_MODEL_PERCENTAGE',
    'CONTACT_ID': 'facts.CONTACT_ID',
    'CONTACT_CREATED_DATE': 'contacts.CREATED_DATE',
}) %}
{%- set event = dict(times, **no_cost) %}
{%- do event.update({
    'VISITOR_ID': 'facts.VISITOR_ID',
    'COOKIE_ID': 'facts.COOKIE_ID',
    'DATE': 'cast(facts.EVENT_DATE as date)',
    'TIMESTAMP': 'facts.EVENT_DATE',
}) %}

select
    {{ biz_columns(dict(credit, **{
        'TYPE': '1',
        'ATP_KEY': 'facts.ROW_KEY',
        'OPPORTUNITY_ID': 'facts.OPPORTUNITY_ID',
        'AMOUNT': 'opportunities.AMOUNT',
        'CURRENCY_ID': 'opportunities.CURRENCY_ID',
        'IS_WON': 'opportunities.IS_WON',
        'IS_OPP_CLOSED': 'opportunities.IS_CLOSED',
        'OPP_CREATED_DATE': 'opportunities.CREATED_DATE',
        'OPP_CLOSE_DATE': 'opportunities.CLOSE_DATE',
    })) }}
from {{ in_marts(ref('biz_attribution_touchpoints')) }} as facts
left join {{ in_marts(ref('biz_opportunities')) }} as opportunities on facts.OPPORTUNITY_ID = opportunities.ID
left join {{ in_marts(ref('biz_contacts')) }} as contacts on facts.CONTACT_ID = contacts.ID
union all
select
    {{ biz_columns(dict(cost, **{
        'TYPE': '2',
        'COST_KEY': 'facts.ROW_KEY',
        'CHANNEL_KEY': row_key('facts.CHANNEL_NAME'),
        'DATE': 'cast(facts.COST_DATE as date)',
        'TIMESTAMP': 'facts.COST_DATE',
        'MODIFIED_DATE': 'coalesce(facts.MODIFIED_DATE, facts.COST_DATE)',
        'COST_IN_MICRO': 'facts.COST_IN_MICRO',
        'CLICKS': 'facts.CLICKS',
        'IMPRESSIONS': 'facts.IMPRESSIONS',
        'CURRENCY_ID': 'facts.CURRENCY_ID',
    })) }}
from {{ in_marts(ref('biz_costs')) }} as facts
union all
select
    {{ biz_columns(dict(credit, **{
        'TYPE': '3',
        'TP_KEY': 'facts.ROW_KEY',
        'LEAD_ID': 'facts.LEAD_ID',
        'LEAD_CREATED_DATE': 'leads.CREATED_DATE',
    })) }}
from {{ in_marts(ref('biz_touchpoints')) }} as facts
left join {{ in_marts(ref('biz_contacts')) }} as contacts on facts.CONTACT_ID = contacts.ID
left join {{ in_marts(ref('biz_leads')) }} as leads on facts.LEAD_ID = leads.ID
union all
select
    {{ biz_columns(dict(touch, **{'TYPE': '4', 'TP_KEY': 'facts.ROW_KEY', 'SESSION_KEY': row_key('facts.SESSION_ID')})) }}
from {{ in_marts(ref('biz_user_touchpoints')) }} as facts
union all
select
    {{ biz_columns(dict(event, **{
        'TYPE': '5',
        'PAGE_VIEW_KEY': 'facts.ROW_KEY',
        'SESSION_KEY': row_key('sessions.session_id'),
        'CURRENT_PAGE_KEY': 'facts.CURRENT_PAGE_KEY',
        'REFERRER_PAGE_KEY': 'facts.REFERRER_PAGE_KEY',
        'EMAIL': 'facts.EMAIL',
    })) }}
from {{ in_marts(ref('biz_page_views')) }} as facts
left join {{ in_marts(ref('fct_touchpoints')) }} as sessions on facts.SESSION_ID = sessions.session_id
union all
select
    {{ biz_columns(dict(visit, **{
        'TYPE': '6',
        'SESSION_KEY': 'facts.ROW_KEY',
        'COOKIE_ID': 'facts.COOKIE_ID',
        'DATE': 'cast(facts.EVENT_DATE as date)',
        'TIMESTAMP': 'facts.EVENT_DATE',
    })) }}
from {{ in_marts(ref('biz_sessions')) }} as facts
union all
select
    {{ biz_columns(dict(event, **{
        'TYPE': '7',
        'FORM_SUBMIT_KEY': 'facts.ROW_KEY',
        'SESSION_KEY': row_key('sessions.session_id'),
        'CURRENT_PAGE_KEY': 'facts.CURRENT_PAGE_KEY',
        'FORM_PAGE_KEY': 'facts.CURRENT_PAGE_KEY',
        'EMAIL': 'facts.EMAIL',
    })) }}
from {{ in_marts(ref('biz_form_submits')) }} as facts
left join {{ in_marts(ref('fct_touchpoints')) }} as sessions on facts.SESSION_ID = sessions.session_id
