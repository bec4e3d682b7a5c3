with members as (
    select
        campaign_member_id,
        campaign_id,
        lead_id,
        contact_id,
        has_responded,
        first_responded_on,
        touchpoint_date,
        created_at,
        is_deleted
    from {{ ref('stg_salesforce__campaign_members') }}
),

campaigns as (
    select
        campaign_id,
        synced_members,
        touchpoints_from,
        touchpoints_before
    from {{ ref('int_crm_rules__campaigns') }}
    where not is_deleted
),

matched_rules as (
    select
        record_id,
        rule
    from {{ ref('int_crm_rules__matched_rules') }}
    where record_object = 'CampaignMember'
),

rules as (
    select distinct
        rule,
        date_object,
        date_field
    from {{ ref('int_crm_rules__conditions') }}
    where record_object = 'CampaignMember'
),

field_values as (
    select
        object,
        record_id,
        field,
        value
    from {{ ref('int_crm_rules__field_values') }}
),

crm_records as (
    select
        crm_id,
        record_id
    from {{ ref('int_identity__crm_records') }}
    where record_id in (select record_id from {{ ref('int_identity__emails') }})
),

judged as (
    select
        members.campaign_member_id,
        members.campaign_id,
        members.lead_id,
        members.contact_id,
        members.is_deleted,
        members.created_at,
        campaigns.campaign_id is not null as has_campaign,
        campaigns.touchpoints_from,
        campaigns.touchpoints_before,
        case when campaigns.campaign_id is not null then matched_rules.rule end as rule,
        -- R11.3, R11.2: the date by the picklist, or of the field that the rule names.
        case campaigns.synced_members
            when 'all' then coalesce(members.touchpoint_date, members.created_at)
            when 'responded' then coalesce(
                members.touchpoint_date, cast(members.first_responded_on as timestamp), members.created_at)
            when 'by rule' then {{ parse_timestamp('dates.value') }}
        end as touchpoint_date,
        case campaigns.synced_members
            when 'all' then true
            when 'responded' then members.has_responded
            when 'by rule' then matched_rules.rule is not null
            else false
        end as is_synced,
        -- R11.6: the Contact, else the Lead.
        coalesce(contacts.record_id, leads.record_id) as record_id
    from members
    left join campaigns on members.campaign_id = campaigns.campaign_id
    left join matched_rules on members.campaign_member_id = matched_rules.record_id
    left join rules on matched_rules.rule = rules.rule
    left join field_values as dates
        on rules.date_object = dates.object
        and rules.date_field = dates.field
        and case rules.date_object when 'Campaign' then members.campaign_id else members.campaign_member_id end = dates.record_id
    left join crm_records as contacts on members.contact_id = contacts.crm_id
    left join crm_records as leads on members.lead_id = leads.crm_id
),

classified as (
    select
        *,
        case
            when is_deleted then 'none_deleted'
            when not has_campaign then 'none_campaign_deleted'
            when not is_synced then 'none_not_synced'
            when touchpoints_from is not null and coalesce(cast(created_at as date) < touchpoints_from, true)
                or touchpoints_before is not null and coalesce(cast(created_at as date) >= touchpoints_before, true)
                then 'none_outside_dates'
            when touchpoint_date is null then 'none_without_date'
            when record_id is null then 'none_without_person'
            else 'touch'
        end as verdict
    from judged
)

select
    campaign_member_id,
    campaign_id,
    lead_id,
    contact_id,
    is_deleted,
    verdict,
    rule,
    case when verdict = 'touch' then {{ member_touchpoint_id('campaign_member_id') }} end as touchpoint_id,
    case when verdict = 'touch' then touchpoint_date end as touchpoint_date,
    case when verdict = 'touch' then record_id end as record_id
from classified
