{%- set email = 'coalesce(addresses.email, buyers.email)' %}
{%- set record_id = 'coalesce(buyers.contact_id, buyers.lead_id)' %}
{%- set columns = biz_person_touch_columns() %}
{%- do columns.update({
    'ID': "'TP2_Person_' || " ~ record_id ~ " || '_' || " ~ touch_source_id('touches.touchpoint_id'),
    'MODIFIED_DATE': 'coalesce(' ~ latest_of(['touches.modified_at', 'records.version_at']) ~ ', touches.touchpoint_date)',
    'EMAIL': email,
    'CONTACT_ID': 'buyers.contact_id',
    'ACCOUNT_ID': 'buyers.account_id',
    'LEAD_ID': 'buyers.lead_id',
    'CONTACT_ROW_KEY': row_key('buyers.contact_id'),
    'LEAD_ROW_KEY': row_key('buyers.lead_id'),
    'UNIQUE_ID_PERSON': "'Person_' || " ~ record_id,
    'USER_TOUCHPOINT_ID': email ~ " || '_' || " ~ touch_source_id('touches.touchpoint_id'),
    'IS_FIRST_TOUCH': 'buyers.is_first_touch',
    'IS_LEAD_CREATION_TOUCH': 'buyers.is_lead_creation_touch',
    'IS_OPP_CREATION_TOUCH': 'false',
    'IS_CLOSED_TOUCH': 'false',
    'FIRST_CLICK_PERCENTAGE': '100 * buyers.first_touch_count',
    'LAST_ANON_CLICK_PERCENTAGE': '100 * buyers.lead_creation_count',
    'U_SHAPE_PERCENTAGE': '100 * buyers.u_shaped_count',
    'W_SHAPE_PERCENTAGE': '0',
    'FULL_PATH_PERCENTAGE': '0',
    'CUSTOM_MODEL_PERCENTAGE': '0',
}) %}

-- Without the CTE, DuckDB 2.0 shows the old name of a column that is renamed only in case.
with named as (
    select
        {{ biz_columns(columns) }}
    from {{ in_marts(ref('fct_buyer_touchpoints')) }} as buyers
    inner join {{ in_marts(ref('fct_touchpoints')) }} as touches on buyers.touchpoint_id = touches.touchpoint_id
    left join {{ in_marts(ref('record_versions')) }} as records on {{ record_id }} = records.record_id
    left join {{ in_marts(ref('touch_emails')) }} as addresses
        on {{ record_id }} = addresses.record_id
        and buyers.touchpoint_id = addresses.touchpoint_id
)

select * from named
