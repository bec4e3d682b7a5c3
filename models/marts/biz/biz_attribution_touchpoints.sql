{%- set email = 'coalesce(addresses.email, contacts.EMAIL)' %}
{%- set columns = biz_person_touch_columns() %}
{%- do columns.update({
    'ID': "'BAT2_' || credits.opportunity_id || '_' || coalesce(credits.contact_id, '') || '_' || " ~ touch_source_id('touches.touchpoint_id'),
    'MODIFIED_DATE': 'coalesce('
        ~ latest_of(['touches.modified_at', 'record_versions.version_at', 'opportunity_versions.version_at'])
        ~ ', touches.touchpoint_date)',
    'OPPORTUNITY_ID': 'credits.opportunity_id',
    'OPPORTUNITY_ROW_KEY': row_key('credits.opportunity_id'),
    'CONTACT_ID': 'credits.contact_id',
    'EMAIL': email,
    'ACCOUNT_ID': 'credits.account_id',
    'USER_TOUCHPOINT_ID': email ~ " || '_' || " ~ touch_source_id('touches.touchpoint_id'),
    'IS_FIRST_TOUCH': 'credits.is_first_touch',
    'IS_LEAD_CREATION_TOUCH': 'credits.is_lead_creation_touch',
    'IS_OPP_CREATION_TOUCH': 'credits.is_opportunity_creation_touch',
    'IS_CLOSED_TOUCH': 'credits.is_closed_touch',
    'FIRST_CLICK_PERCENTAGE': 'credits.first_touch_percentage',
    'LAST_ANON_CLICK_PERCENTAGE': 'credits.lead_creation_percentage',
    'U_SHAPE_PERCENTAGE': 'credits.u_shaped_percentage',
    'W_SHAPE_PERCENTAGE': 'credits.w_shaped_percentage',
    'FULL_PATH_PERCENTAGE': 'credits.full_path_percentage',
    'CUSTOM_MODEL_PERCENTAGE': 'credits.custom_percentage',
}) %}

-- Without the CTE, DuckDB 2.0 shows the old name of a column that is renamed only in case.
with named as (
    select
        {{ biz_columns(columns) }}
    from {{ in_marts(ref('fct_attribution_touchpoints')) }} as credits
    inner join {{ in_marts(ref('fct_touchpoints')) }} as touches on credits.touchpoint_id = touches.touchpoint_id
    left join {{ in_marts(ref('biz_contacts')) }} as contacts on credits.contact_id = contacts.ID
    left join {{ in_marts(ref('record_versions')) }} as record_versions
        on credits.contact_id = record_versions.record_id
    left join {{ in_marts(ref('record_versions')) }} as opportunity_versions
        on credits.opportunity_id = opportunity_versions.record_id
    left join {{ in_marts(ref('touch_emails')) }} as addresses
        on credits.contact_id = addresses.record_id
        and credits.touchpoint_id = addresses.touchpoint_id
)

select * from named
