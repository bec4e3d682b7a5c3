{{ config(meta={'component_key': {'column': 'ID', 'kinds': ['Opportunity']}}) }}

with opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
),

contacts as (
    select * from {{ ref('stg_salesforce__contacts') }}
),

primary_roles as (
    select
        opportunity_id,
        min(contact_id) as contact_id
    from {{ ref('stg_salesforce__opportunity_contact_roles') }}
    where is_primary
        and not is_deleted
    group by opportunity_id
),

stages as (
    select
        opportunity_id,
        stage_name,
        min(created_at) as entered_at
    from {{ ref('stg_salesforce__opportunity_history') }}
    where not is_deleted
        and stage_name is not null
    group by opportunity_id, stage_name
),

earlier as (
    select
        stages.opportunity_id,
        {{ ordered_listagg('stages.stage_name', ['stages.entered_at', 'stages.stage_name']) }} as stages
    from stages
    inner join opportunities on stages.opportunity_id = opportunities.opportunity_id
    where stages.stage_name <> opportunities.stage_name
    group by stages.opportunity_id
),

custom as (
    {{ custom_properties_of('Opportunity') | indent(4) }}
),

currency_setup as (
    select corporate_currency_code
    from {{ ref('int_opportunities__currency_setup') }}
)

select
    {{ biz_columns({
        'ID': 'opportunities.opportunity_id',
        'MODIFIED_DATE': 'coalesce(opportunities.modified_at, opportunities._version_at, opportunities.created_at)',
        'CREATED_DATE': 'opportunities.created_at',
        'ACCOUNT_ID': 'opportunities.account_id',
        'NAME': 'opportunities.opportunity_name',
        'IS_WON': 'opportunities.is_won',
        'IS_CLOSED': 'opportunities.is_closed',
        'CLOSE_DATE': 'opportunities.close_date',
        'AMOUNT': 'opportunities.amount',
        'PRIMARY_CONTACT_ID': 'primary_roles.contact_id',
        'PRIMARY_CONTACT_EMAIL': 'contacts.email',
        'BIZIBLE_STAGE': 'opportunities.stage_name',
        'BIZIBLE_STAGE_PREVIOUS': 'earlier.stages',
        'IS_DELETED': 'opportunities.is_deleted',
        'CURRENCY_ISO_CODE': 'opportunities.currency_code',
        'CURRENCY_ID': currency_number('coalesce(opportunities.currency_code, currency_setup.corporate_currency_code)'),
        'OPPORTUNITY_TYPE': 'opportunities.opportunity_type',
        'CUSTOM_PROPERTIES': 'custom.custom_properties',
        '_DELETED_DATE': deleted_at('opportunities.is_deleted',
            ['opportunities._version_at', 'opportunities.modified_at', 'opportunities.created_at']),
    }) }}
from opportunities
cross join currency_setup
left join custom on opportunities.opportunity_id = custom.record_id
left join primary_roles on opportunities.opportunity_id = primary_roles.opportunity_id
left join contacts on primary_roles.contact_id = contacts.contact_id
left join earlier on opportunities.opportunity_id = earlier.opportunity_id
