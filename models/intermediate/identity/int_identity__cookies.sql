with mappings as (
    select
        email,
        visitor_id,
        created_at
    from {{ ref('stg_web__email_to_visitor_ids') }}
    where not is_deleted
        and email is not null
        and visitor_id is not null
),

sessions as (
    select
        visitor_id,
        cookie_id
    from {{ ref('int_sessions__keys') }}
),

forms as (
    select
        email,
        cookie_id,
        is_chat,
        submitted_at
    from {{ ref('int_sessions__assigned_forms') }}
    where email is not null
        and cookie_id is not null
),

named_calls as (
    select
        email,
        cookie_id,
        called_at
    from {{ ref('int_identity__named_calls') }}
),

crm_records as (
    select
        record_id,
        bizible_id
    from {{ ref('int_identity__crm_records') }}
    where bizible_id is not null
),

records as (
    select
        record_id,
        created_at
    from {{ ref('int_identity__records') }}
),

emails as (
    select
        record_id,
        email
    from {{ ref('int_identity__emails') }}
),

-- R1.1: a visitor is the cookie of that name and every cookie of the visitor's sessions.
visitor_cookies as (
    select distinct
        visitor_id,
        cookie_id
    from sessions
    where visitor_id <> cookie_id
        and visitor_id in (select visitor_id from mappings)
),

record_cookies as (
    select distinct
        record_id,
        bizible_id
    from crm_records
),

-- R5.1: at equal times the order is form, chat, call, mapping, crm; evidence without a time comes last.
evidence as (
    select
        email,
        cookie_id,
        case when is_chat then 2 else 1 end as kind,
        submitted_at as known_at
    from forms
    union all
    select
        email,
        cookie_id,
        3,
        called_at
    from named_calls
    union all
    select
        email,
        visitor_id,
        4,
        created_at
    from mappings
    union all
    select
        mappings.email,
        visitor_cookies.cookie_id,
        4,
        mappings.created_at
    from mappings
    inner join visitor_cookies on mappings.visitor_id = visitor_cookies.visitor_id
    union all
    select
        emails.email,
        record_cookies.bizible_id,
        5,
        records.created_at
    from record_cookies
    inner join records on record_cookies.record_id = records.record_id
    inner join emails on record_cookies.record_id = emails.record_id
),

-- Encodes time and kind in one number, so that the earliest is a plain minimum: microseconds, shifted to be positive,
-- times eight, plus the kind.
earliest as (
    select
        email,
        cookie_id,
        min(coalesce(({{ epoch_us('known_at') }} + 100000000000000000) * 8, 9000000000000000000) + kind) as time_and_kind,
        min(case when kind = 3 then 1 else 0 end) = 0 as is_known_without_calls
    from evidence
    group by email, cookie_id
)

select
    email,
    cookie_id,
    case time_and_kind % 8
        when 1 then 'form'
        when 2 then 'chat'
        when 3 then 'call'
        when 4 then 'mapping'
        when 5 then 'crm'
    end as known_by,
    is_known_without_calls
from earliest
