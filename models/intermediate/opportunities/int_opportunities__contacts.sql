with opportunities as (
    select distinct buying_group_id
    from {{ ref('int_opportunities__live') }}
    where buying_group_id is not null
),

contacts as (
    select
        record_id,
        account_id
    from {{ ref('int_identity__records') }}
    where contact_id is not null
),

-- Not used with the account mapping.
roles as ( -- noqa: ST03
    select
        opportunity_id,
        contact_id,
        is_primary
    from {{ ref('stg_salesforce__opportunity_contact_roles') }}
    where not is_deleted
)

{% if variable('attribution_mapping') == 'account' -%}
select
    opportunities.buying_group_id,
    contacts.record_id
from opportunities
inner join contacts on opportunities.buying_group_id = contacts.account_id
{%- else -%}
select distinct
    opportunities.buying_group_id,
    contacts.record_id
from opportunities
inner join roles
    on opportunities.buying_group_id = roles.opportunity_id
    {%- if variable('attribution_mapping') == 'primary_contact_role' %}
    and roles.is_primary
    {%- endif %}
inner join contacts on roles.contact_id = contacts.record_id
{%- endif %}
