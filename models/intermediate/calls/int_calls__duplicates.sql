-- R5.2: a WhoId of a converted Lead counts as its Contact's.
with converted_leads as (
    select
        leads.lead_id,
        contacts.contact_id
    from {{ ref('stg_salesforce__leads') }} as leads
    inner join {{ ref('stg_salesforce__contacts') }} as contacts on leads.converted_contact_id = contacts.contact_id
    where not leads.is_deleted
        and not contacts.is_deleted
),

calls as (
    select
        tasks.task_id,
        tasks.cookie_id,
        coalesce(converted_leads.contact_id, tasks.who_id) as who_id,
        tasks.call_object,
        tasks.called_at,
        row_number() over (order by tasks.called_at, tasks.task_id) as call_number
    from {{ ref('int_calls__tasks') }} as tasks
    left join converted_leads on tasks.who_id = converted_leads.lead_id
    where tasks.is_tracked_call
        and {{ variable('dedupe_calls') }}
),

evidence as (
    select
        task_id,
        provider_call_id,
        described_call_id,
        caller_number
    from {{ ref('int_calls__provider_evidence') }}
),

call_ids as (
    select
        task_id,
        provider_call_id as call_id
    from evidence
    where provider_call_id is not null
    union
    select
        task_id,
        described_call_id
    from evidence
    where described_call_id is not null
    union
    select
        task_id,
        call_object
    from calls
    where {{ looks_like_call_id('call_object') }}
),

-- Most call ids occur once.
shared_call_ids as (
    select
        task_id,
        call_id
    from (
        select
            *,
            count(*) over (partition by call_id) as occurrences
        from call_ids
    ) as counted
    where occurrences > 1
),

-- What two Tasks of one call have in common, and how far apart they can be.
common_features as (
    select
        calls.call_number,
        calls.called_at,
        'cookie' as kind,
        calls.cookie_id as caller,
        shared_call_ids.call_id as feature,
        1440 as minutes_apart
    from calls
    inner join shared_call_ids on calls.task_id = shared_call_ids.task_id
    union all
    select
        calls.call_number,
        calls.called_at,
        'person',
        calls.who_id,
        shared_call_ids.call_id,
        1440
    from calls
    inner join shared_call_ids on calls.task_id = shared_call_ids.task_id
    where calls.who_id is not null
    union all
    select
        calls.call_number,
        calls.called_at,
        'number',
        calls.who_id,
        evidence.caller_number,
        1
    from calls
    inner join evidence on calls.task_id = evidence.task_id
    where calls.who_id is not null
        and evidence.caller_number is not null
),

-- The relation is transitive, so each Task is only compared with the one before. 100,000 Tasks with one constant then have
-- 100,000 pairs and not 5,000,000,000.
opened_runs as (
    select
        *,
        case
            when called_at <= {{ add_minutes(
                'lag(called_at) over (partition by kind, caller, feature order by call_number)', 'minutes_apart') }} then null
            else call_number
        end as opened_by
    from common_features
),

runs as (
    select
        call_number,
        {{ last_non_null('opened_by', '(partition by kind, caller, feature order by call_number
            rows between unbounded preceding and current row)') }} as first_number
    from opened_runs
),

links as (
    select distinct
        first_number,
        call_number
    from runs
    where first_number < call_number
),

-- In most groups every Task has the same earliest neighbour: it is the canonical record.
earliest_neighbours as (
    select
        call_number,
        min(neighbour) as neighbour
    from (
        select
            call_number,
            first_number as neighbour
        from links
        union all
        select
            first_number as call_number,
            first_number as neighbour
        from links
    ) as neighbours
    group by call_number
),

-- Chains of different evidence remain: A and B share a call id, B and C a number.
chains as (
    select distinct
        least(firsts.neighbour, others.neighbour) as one,
        greatest(firsts.neighbour, others.neighbour) as other
    from links
    inner join earliest_neighbours as firsts on links.first_number = firsts.call_number
    inner join earliest_neighbours as others on links.call_number = others.call_number
    where firsts.neighbour <> others.neighbour
),

components as (
    {{ connected_components('chains') }}
),

canonical as (
    select
        earliest_neighbours.call_number,
        coalesce(components.component, earliest_neighbours.neighbour) as canonical_number
    from earliest_neighbours
    left join components on earliest_neighbours.neighbour = components.node
)

select
    duplicates.task_id,
    canonical_calls.task_id as duplicate_of_task_id
from canonical
inner join calls as duplicates on canonical.call_number = duplicates.call_number
inner join calls as canonical_calls on canonical.canonical_number = canonical_calls.call_number
where canonical.canonical_number < canonical.call_number
