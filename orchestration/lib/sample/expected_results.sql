-- The results that the sample dataset must have, from the outcomes that the journeys state. One relation per mart.

create temp view expected_calls as
with stated as (
    select *, verdict like 'none%' as is_none
    from instance inner join t_call using (journey)
    where version = versions
),

outcomes as (
    select
        sf_id('00T', serial, k) as crm_task_id,
        verdict,
        case when session_k is not null then session_id(serial, session_k, after(t0, session_us), session_cookie_no)
        end as session_id,
        case
            when is_none or verdict = 'separate_duplicate' then null
            when session_k is not null
                then touchpoint_id(serial, false, session_k, after(t0, session_us), session_cookie_no)
            else touchpoint_id(serial, true, k, null, null)
        end as touchpoint_id,
        after(t0, called_us) as called_at,
        case when called_us is not null then called_at_source end as called_at_source,
        nullif(trim(task_type(type, serial, k)), '') as task_type,
        sf_id('00T', serial, duplicate_k) as duplicate_of_task_id,
        case when not is_none then windows end as candidate_session_count,
        case when not is_none and nearest_k is not null
            then session_id(serial, nearest_k, after(t0, nearest_us), nearest_cookie_no) end as nearest_session_id,
        case when not is_none then ((called_us - nearest_us) / 1000000::decimal(18, 6))::decimal(18, 6)
        end as seconds_to_nearest_session,
        deleted as is_deleted,
        is_none
    from stated
)

select * from outcomes
union all by name
select
    task_id as crm_task_id,
    case when deleted then 'none_deleted' else 'none_not_a_call' end as verdict,
    created_at as called_at,
    'CreatedDate' as called_at_source,
    type as task_type,
    deleted as is_deleted,
    true as is_none
from to_do;

-- R11.3: everybody who came to the fair, and those who answered the invitation to the webinar.
create temp view fair_touch as
select
    visitor.*, fair.*,
    coalesce(own_at, case when fair_no = 0 then created_at else responded_on::timestamp end) as touchpoint_date,
    'member-' || member_id as touchpoint_id
from visitor inner join fair using (fair_no)
where fair_no = 0 or (fair_no = 1 and has_responded);

create temp view expected_campaign_members as
select
    sf_id('00v', serial, k) as campaign_member_id,
    case when ad_no is null then 'none_campaign_deleted' else 'none_not_synced' end as verdict
from instance inner join t_lead using (journey)
left join ad on ad_no = serial % 40
union all by name
select
    member_id as campaign_member_id,
    case when touchpoint_id is null then 'none_not_synced' else 'touch' end as verdict,
    touchpoint_id,
    touchpoint_date,
    channel_path
from visitor left join fair_touch using (member_id);

create temp view expected_touchpoints as
with touch as (
    select
        session_id, null as crm_task_id, cookie_id, started_at as touchpoint_date, conversion,
        case when conversion = 'call' then task_type(conversion_type, serial, conversion_k) end as written_type,
        case when conversion = 'call' then sf_id('00T', serial, conversion_k) end as made_by_task_id,
        case when conversion = 'call' then after(t0, conversion_us) end as called_at,
        case when conversion in ('form', 'chat') then after(t0, conversion_us) end as form_submitted_at,
        click_no, bits
    from journey_visit
    where not deleted
    union all by name
    select session_id, cookie_id, started_at as touchpoint_date, click_no, bits from bulk_visit
    union all by name
    select
        sf_id('00T', serial, k) as made_by_task_id, cookie(serial, cookie_no) as cookie_id,
        after(t0, called_us) as touchpoint_date, touchpoint_date as called_at, 'call' as conversion,
        task_type(type, serial, k) as written_type
    from instance inner join t_call using (journey)
    where version = versions and verdict in ('separate_outside_window', 'separate_unknown_bizible_id')
),

typed as (
    select *, nullif(trim(written_type), '') as task_type
    from touch
)

select
    coalesce('session-' || session_id, 'task-' || made_by_task_id) as touchpoint_id,
    session_id,
    made_by_task_id as crm_task_id,
    cookie_id,
    touchpoint_date,
    case conversion when 'form' then 'Web Form' when 'chat' then 'Web Chat'
        when 'call' then coalesce(task_type, 'Web Visit')
        else 'Web Visit' end as touchpoint_type,
    case conversion when 'form' then 'Web Form' when 'chat' then 'Web Chat'
        when 'call' then case when task_type is null then 'Web Visit' else 'Phone Call' end
        else 'Web Visit' end as marketing_touch_type,
    coalesce(conversion = 'call' and task_type is null, false) as is_type_defaulted,
    conversion is not null as is_conversion,
    coalesce(task_type, medium) as medium,
    medium as session_medium,
    case when session_id is null then 'Salesforce Task' else source end as touchpoint_source,
    case when session_id is null then 'Other' else channel_path end as channel_path,
    called_at,
    form_submitted_at,
    case when names_campaign then campaign_name end as ad_campaign_name,
    case when has_keyword then keyword end as keyword_text,
    city
from typed
left join click using (click_no)
left join place on place_no = (bits >> 20) % 11
union all by name
select
    touchpoint_id, touchpoint_date, 'CRM' as touchpoint_type, 'CRM Campaign' as marketing_touch_type,
    false as is_type_defaulted, true as is_conversion, type as medium, 'CRM Campaign' as touchpoint_source, channel_path,
    campaign_name as ad_campaign_name
from fair_touch;

create temp view expected_person_touchpoints as
select
    email(serial, person) as email,
    touchpoint_id(serial, is_call, k, after(t0, at_us), cookie_no) as touchpoint_id,
    after(t0, at_us) as touchpoint_date,
    is_conversion,
    known_by
from instance inner join t_person_touch using (journey)
union all by name
select email, touchpoint_id, touchpoint_date, true as is_conversion, 'crm' as known_by from fair_touch;

create temp view expected_buyer_touchpoints as
select
    touchpoint_id(serial, is_call, k, after(t0, at_us), cookie_no) as touchpoint_id,
    case when record_prefix = '00Q' then sf_id('00Q', serial, record_k) end as lead_id,
    case when record_prefix = '003' then sf_id('003', serial, record_k) end as contact_id,
    sf_id('001', serial, account_k) as account_id,
    position as touchpoint_position,
    holds_ft as is_first_touch,
    holds_lc as is_lead_creation_touch,
    holds_post_lc as is_post_lead_creation_touch,
    is_conversion as is_form_touch,
    holds_ft::int as first_touch_count,
    holds_lc::int as lead_creation_count,
    u_shaped_count
from instance inner join t_position using (journey)
union all by name
select
    touchpoint_id, lead_id, contact_id, case when is_contact then sf_id('001', serial, 0) end as account_id,
    'FT, LC, Form' as touchpoint_position, true as is_first_touch, true as is_lead_creation_touch,
    false as is_post_lead_creation_touch, true as is_form_touch, 1 as first_touch_count, 1 as lead_creation_count,
    1 as u_shaped_count
from fair_touch;

-- Money by largest remainder over whole cents; all shares of a deal and model have one denominator (R8.3).
create temp view expected_attribution_touchpoints as
with floored as (
    select
        serial, opportunity_k, touch_order, model,
        abs(amount_cents)::hugeint * numerator as exact,
        exact // denominator as cents,
        exact % denominator as remainder,
        abs(amount_cents) as all_cents,
        case when amount_cents < 0 then -1 else 1 end as sign
    from deal inner join t_share on t_share.journey = deal.journey and opportunity_k = deal.k
),

split as (
    select
        *,
        sign * (cents + (
            row_number() over (partition by serial, opportunity_k, model order by remainder desc, touch_order)
            <= all_cents - sum(cents) over (partition by serial, opportunity_k, model)
        )::int) as revenue_cents
    from floored
),

revenue as (
    pivot (
        select
            serial, opportunity_k, touch_order, model,
            (revenue_cents / 100::decimal(20, 2))::decimal(18, 2) as money
        from split
    )
    on model in ('first_touch', 'lead_creation', 'u_shaped', 'w_shaped', 'full_path', 'custom')
    using max(money) as revenue
)

select
    sf_id('006', serial, opportunity_k) as opportunity_id,
    sf_id('001', serial, account_k) as account_id,
    sf_id('003', serial, contact_k) as contact_id,
    touchpoint_id(serial, is_call, t_credit.k, after(t0, at_us), cookie_no) as touchpoint_id,
    position as touchpoint_position,
    holds_ft as is_first_touch,
    holds_lc as is_lead_creation_touch,
    holds_oc as is_opportunity_creation_touch,
    holds_closed as is_closed_touch,
    holds_pending as is_pending,
    is_middle as is_middle_touch,
    state = 'won' as is_won,
    state <> 'open' as is_closed,
    close_date,
    first_touch_percentage, lead_creation_percentage, u_shaped_percentage, w_shaped_percentage, full_path_percentage,
    custom_percentage,
    first_touch_revenue, lead_creation_revenue, u_shaped_revenue, w_shaped_revenue, full_path_revenue, custom_revenue
from deal
inner join t_credit on t_credit.journey = deal.journey and opportunity_k = deal.k
left join revenue using (serial, opportunity_k, touch_order)
union all by name
-- The only touch of its deal gets everything.
select
    sf_id('006', serial, 0) as opportunity_id, sf_id('001', serial, 0) as account_id, contact_id, touchpoint_id,
    'FT, LC, OC, Form, Closed' as touchpoint_position, true as is_first_touch, true as is_lead_creation_touch,
    true as is_opportunity_creation_touch, true as is_closed_touch, false as is_pending, false as is_middle_touch,
    true as is_won, true as is_closed, deal.close_date,
    100 as first_touch_percentage, 100 as lead_creation_percentage, 100 as u_shaped_percentage,
    100 as w_shaped_percentage, 100 as full_path_percentage, 100 as custom_percentage,
    amount as first_touch_revenue, amount as lead_creation_revenue, amount as u_shaped_revenue, amount as w_shaped_revenue,
    amount as full_path_revenue, amount as custom_revenue
from (
    select *, ((500000 + 100 * n) / 100::decimal(20, 2))::decimal(18, 2) as amount from fair_touch
) as touch
inner join deal using (serial);

-- Opportunities without a row of credit (R7.1).
create temp view expected_unattributed_opportunities as
select
    sf_id('006', serial, k) as opportunity_id,
    sf_id('001', serial, account_k) as account_id,
    (amount_cents / 100::decimal(20, 2))::decimal(18, 2) as amount,
    state = 'won' as is_won,
    state <> 'open' as is_closed,
    close_date
from deal
where not deleted and not exists (
    select 1 from t_credit where t_credit.journey = deal.journey and t_credit.opportunity_k = deal.k
) and serial not in (select serial from fair_touch);

-- What the parts of the budget cost in each month (R16.2).
create temp view expected_costs as
select *
from (
    values
        (date '2025-01-01', 'Paid Search.AdWords', 'Brand', 6000::decimal(18, 6)),
        (date '2025-01-01', 'Paid Search.AdWords', 'Other', 4000),
        (date '2025-01-01', 'Paid Search.Other', null, 2000),
        (date '2025-01-01', 'Social.LinkedIn', null, 1000),
        (date '2025-02-01', 'Paid Search.AdWords', 'Brand', 11000),
        (date '2025-02-01', 'Paid Search.Other', null, 1000),
        (date '2025-02-01', 'Referral', null, 31),
        (date '2025-03-01', 'Paid Search.AdWords', null, 9000),
        (date '2025-03-01', 'Paid Search.Other', null, 500.5),
        (date '2025-03-01', 'Social.LinkedIn', null, 100)
) as costs(month, channel_path, campaign_name, cost);
