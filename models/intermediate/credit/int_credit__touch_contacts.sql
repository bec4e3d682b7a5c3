with positions as (
    select distinct
        buying_group_id,
        touchpoint_id
    from {{ ref('int_credit__touches') }}
),

touches as (
    select
        touchpoint_id,
        cookie_key,
        task_id
    from {{ ref('int_journeys__touches') }}
),

record_cookies as (
    select
        record_id,
        cookie_key
    from {{ ref('int_journeys__record_cookies') }}
),

record_calls as (
    select
        record_id,
        task_id
    from {{ ref('int_journeys__record_calls') }}
),

contacts as (
    select
        buying_group_id,
        record_id
    from {{ ref('int_opportunities__contacts') }}
),

-- Only a conversion can name a person or contain an address.
conversions as (
    select
        case when session_id is null then {{ call_touchpoint_id('task_id') }} else {{ session_touchpoint_id('session_id') }} end
            as touchpoint_id,
        task_id,
        form_id
    from {{ ref('int_touchpoints__touches') }}
    where conversion_kind is not null
),

calls as (
    select
        task_id,
        who_id
    from {{ ref('int_touchpoints__verdicts') }}
),

crm_records as (
    select
        crm_id,
        record_id
    from {{ ref('int_identity__crm_records') }}
),

crm_touches as (
    select
        touchpoint_id,
        record_id
    from {{ ref('int_crm_touches__touches') }}
),

forms as (
    select
        form_id,
        email
    from {{ ref('int_sessions__assigned_forms') }}
),

emails as (
    select
        record_id,
        email
    from {{ ref('int_identity__emails') }}
),

buying_group_touches as (
    select
        positions.buying_group_id,
        positions.touchpoint_id,
        touches.cookie_key,
        touches.task_id
    from positions
    inner join touches on positions.touchpoint_id = touches.touchpoint_id
),

candidates as (
    select
        buying_group_touches.buying_group_id,
        buying_group_touches.touchpoint_id,
        contacts.record_id
    from buying_group_touches
    inner join record_cookies on buying_group_touches.cookie_key = record_cookies.cookie_key
    inner join contacts
        on buying_group_touches.buying_group_id = contacts.buying_group_id
        and record_cookies.record_id = contacts.record_id
    where buying_group_touches.task_id is null
    union all
    select
        buying_group_touches.buying_group_id,
        buying_group_touches.touchpoint_id,
        contacts.record_id
    from buying_group_touches
    inner join record_calls on buying_group_touches.task_id = record_calls.task_id
    inner join contacts
        on buying_group_touches.buying_group_id = contacts.buying_group_id
        and record_calls.record_id = contacts.record_id
),

named as (
    select
        conversions.touchpoint_id,
        crm_records.record_id,
        forms.email
    from conversions
    left join calls on conversions.task_id = calls.task_id
    left join crm_records on calls.who_id = crm_records.crm_id
    left join forms on conversions.form_id = forms.form_id
    union all
    select
        touchpoint_id,
        record_id,
        null
    from crm_touches
)

-- R7.2: the smallest id of the first kind that exists; a digit before the id orders the kinds.
select
    candidates.buying_group_id,
    candidates.touchpoint_id,
    substr(
        min(
            case
                when named.record_id = candidates.record_id then '1'
                when emails.record_id is not null then '2'
                else '3'
            end || candidates.record_id
        ), 2
    ) as contact_id
from candidates
left join named on candidates.touchpoint_id = named.touchpoint_id
left join emails
    on candidates.record_id = emails.record_id
    and named.email = emails.email
group by candidates.buying_group_id, candidates.touchpoint_id
