-- The sample dataset: every row that its systems record, from the journeys' templates (t_*), the arrivals and a few
-- variables (seed, sessions, shown, to_dos, slots, own_site). Random values are md5 of the seed and a row's number: the same
-- on every machine and in every version.

-- Everything is BIGINT: unsigned and sums would make it HUGEINT, which costs several times as much.
create temp macro chance(salt, n) as (md5_number_lower(getvariable('seed') || salt || n) >> 1)::bigint;
create temp macro pick(texts, number) as texts[1 + (number % len(texts))::int];

-- Salesforce ids: the prefix, `5e` and ten digits written as signs of both cases in byte order (2 to 5 are capitals),
-- then the checksum: for each five characters one whose bits, from the left, mark the capitals.
create temp macro sign(capitals) as chr(capitals::int + case when capitals < 26 then 65 else 22 end);
create temp macro capital(n, place, bit) as case when (n // place) % 10 between 2 and 5 then bit else 0 end;
create temp macro five_digits(n) as
    sign(capital(n, 10000, 1) + capital(n, 1000, 2) + capital(n, 100, 4) + capital(n, 10, 8) + capital(n, 1, 16));
create temp macro sf18(prefix, n) as
    prefix || '5e' || translate(lpad(n::varchar, 10, '0'), '0123456789', '05AFKQahnt')
    || case when prefix in ('00T', '00Q', '00K', '00U') then 'E' else 'A' end
    || five_digits(n // 100000) || five_digits(n);

-- Ids of a journey's things: its serial number and their number in it. The tracker's ids begin with the time.
create temp macro sf_id(prefix, serial, k) as sf18(prefix, serial * 10 + k);
create temp macro cookie(serial, no) as
    case when no = 9 then 'ios-app-' || serial else md5(getvariable('seed') || 'cookie' || serial || '.' || no) end;
create temp macro web_id(moment, number, cookie) as
    strftime(moment, '%Y-%m-%d:%H-%M-%S-') || lpad(number::varchar, 9, '0') || '.' || left(cookie, 12);
create temp macro session_id(serial, k, moment, cookie_no) as
    web_id(moment, serial * 10 + k, cookie(serial, cookie_no));
create temp macro touchpoint_id(serial, is_call, k, moment, cookie_no) as
    case when is_call then 'task-' || sf_id('00T', serial, k)
    else 'session-' || session_id(serial, k, moment, cookie_no) end;
create temp macro first_name(n) as
    pick(['Ada', 'Bo', 'Chen', 'Dora', 'Emeka', 'Farid', 'Greta', 'Hana', 'Ivo', 'Jun', 'Kaya', 'Lior', 'Mina'], n);
create temp macro last_name(n) as
    pick(['Abara', 'Brandt', 'Castro', 'Dahl', 'Endo', 'Fuchs', 'Grimaldi', 'Haas', 'Ilić', 'Jensen', 'O''Neill'], n);
create temp macro company(n) as
    pick(['Aster', 'Borealis', 'Cobalt', 'Delphin', 'Ember', 'Fjord', 'Garnet', 'Helix', 'Indigo', 'Juniper'], n // 7)
    || ' ' || pick(['Biotech', 'Diagnostics', 'Foods', 'Labs', 'Pharma', 'University', 'Water'], n) || ' ' || n;
create temp macro email(serial, person) as
    lower(first_name(serial + person)) || '.' || serial || chr((97 + person)::int)
    || '@customer' || serial % 97 || '.example';
-- A Type as the sales team writes it.
create temp macro task_type(type, serial, k) as
    case when type = 'any' then pick(['Call', 'Phone Call', 'Inbound Call'], serial + k) else type end;
create temp macro after(t0, us) as t0 + to_microseconds(us);

-- The ads, pages, places and devices of the sample.
create temp table ad as
select
    product_no * 5 + theme_no as ad_no,
    theme || ' - ' || product as campaign_name,
    product || ' - exact' as group_name,
    pick(['Free sample', 'Winter offer', 'White paper', 'Live demo'], product_no + theme_no) as content,
    pick(['buy ', 'best ', 'compare ', 'lab ', 'second-hand '], theme_no) || lower(product) as keyword,
    208548000 + product_no * 10 + theme_no as campaign_number,
    16750166000 + product_no * 10 + theme_no as group_number,
    195329631000 + product_no * 10 + theme_no as creative_number
from
    (select unnest(['Pipettes', 'Centrifuges', 'Incubators', 'Balances', 'Microscopes', 'Freezers', 'Stirrers',
                    'Fume hoods']) as product, generate_subscripts([1, 2, 3, 4, 5, 6, 7, 8], 1) - 1 as product_no),
    (select unnest(['Brand', 'Generic', 'Competitor', 'Remarketing', 'Launch']) as theme,
        generate_subscripts([1, 2, 3, 4, 5], 1) - 1 as theme_no);

create temp table click as
select
    arrival.*,
    ad.*,
    arrival_no * 40 + ad_no as click_no,
    replace(replace(replace(replace(query, '{campaign}', url_encode(campaign_name)), '{content}', url_encode(content)),
        '{term}', url_encode(keyword)), '{creative}', creative_number::varchar) as query_text,
    has_ad or has_campaign as names_campaign,
    has_ad and channel_path like 'Paid Search.%' as names_keyword
from arrival, ad;

create temp table page as
select
    generate_subscripts(paths, 1) - 1 as page_no,
    unnest(paths) as path,
    unnest(titles) as title
from (select
    ['/', '/products/pipettes', '/products/centrifuges', '/products/incubators', '/pricing', '/demo', '/contact',
     '/guides/choosing-a-centrifuge', '/guides/cold-storage', '/webinars/calibration'] as paths,
    ['Halden Instruments', 'Pipettes', 'Centrifuges', 'Incubators', 'Prices', 'Book a demo', 'Contact us',
     'Choosing a centrifuge', 'Cold storage, a guide', 'Webinar: calibration'] as titles);

create temp table place as
select
    generate_subscripts(places, 1) - 1 as place_no,
    unnest(places)[1] as city,
    unnest(places)[2] as region,
    unnest(places)[3] as country
from (select
    [['Seattle', 'Washington', 'United States'], ['Boston', 'Massachusetts', 'United States'],
     ['Austin', 'Texas', 'United States'], ['Vancouver', 'British Columbia', 'Canada'],
     ['Québec', 'Quebec', 'Canada'], ['Leeds', 'England', 'United Kingdom'], ['Zürich', 'Zürich', 'Switzerland'],
     ['Malmö', 'Skåne', 'Sweden'], ['Kyoto', 'Kyoto', 'Japan'], ['Pune', 'Maharashtra', 'India'],
     ['Lyon', 'Auvergne-Rhône-Alpes', 'France']] as places);

create temp table device as
select
    generate_subscripts(devices, 1) - 1 as device_no,
    unnest(devices) as device
from (select
    ['Chrome (142.0), Windows (10.0)', 'Safari (18.3), Mac (10_15)', 'Chrome (142.0), Android (15)',
     'Safari (18.3), iPhone (18_3)', 'Firefox (144.0), Linux (x86_64)', 'Edge (142.0), Windows (10.0)'] as devices);

-- -- Journeys: each template as often as its share of the dataset requires ------------------------------------------

create temp table instance as
with counted as (
    select
        journey,
        greatest(1, round(per_million * getvariable('sessions') / 1000000))::bigint as copies,
        (sum(copies) over (order by journey) - copies)::bigint as before
    from t_journey
)
select
    journey,
    before + rank as serial,
    rank < getvariable('shown') as is_shown,
    timestamp '2025-01-01' + to_days((chance('day', before + rank) % 330)::int)
        + to_seconds(6 * 3600 + (chance('time', before + rank) % 14400)::int) as t0
from counted, lateral (select unnest(range(copies)) as rank);

create temp table journey_visit as
select
    journey, serial, is_shown, k, t0, cookie_no, deleted, late,
    conversion, conversion_k, conversion_type, conversion_us,
    after(t0, at_us) as started_at,
    after(t0, earlier_us) as earlier_started_at,
    session_id(serial, k, after(t0, at_us), cookie_no) as session_id,
    cookie(serial, cookie_no) as cookie_id,
    cookie(serial, visitor_no) as visitor_cookie,
    coalesce(arrival_no, pick(getvariable('slots'), chance('arrival' || k, serial))) * 40
        + (serial + 7 * k) % 40 as click_no,
    chance('visit' || k, serial) as bits
from instance join t_visit using (journey);

-- Anonymous visits fill the dataset up to the wanted number: every cookie comes twice, half the period apart. They are
-- read three times; computing them each time costs more than storing them.
set variable bulk = (select greatest(0, getvariable('sessions') - count(*)) from journey_visit);

create temp table bulk_visit as
with numbered as (
    select n, n % greatest(1, (getvariable('bulk') + 1) // 2) as cookie_n, chance('visit', n) as bits
    from range(getvariable('bulk')) numbers(n)
),

timed as (
    select
        *,
        md5(getvariable('seed') || 'bulk' || cookie_n) as cookie_id,
        make_timestamp(1735689600000000 + n * (47088000000000 // getvariable('bulk')) + bits % 1000000) as started_at
    from numbered
)

select
    n,
    web_id(started_at, 500000000 + n, cookie_id) as session_id,
    cookie_id,
    started_at,
    n = cookie_n as is_first,
    pick(getvariable('slots'), bits) * 40 + (bits >> 8) % 40 as click_no,
    bits
from timed;

create temp view visit as
select
    session_id, cookie_id, visitor_cookie, started_at, click_no, bits, k = 0 as is_first, conversion, deleted and v = 2
    as deleted, case when v = 1 then coalesce(earlier_started_at, started_at) else started_at end as stated_start,
    late or v = 2 as is_later, is_shown, serial + k as number, v
from journey_visit, (values (1), (2)) versions(v)
-- A session that changed has two versions.
where v = 1 or deleted or earlier_started_at is not null
union all by name
select
    session_id, cookie_id, cookie_id as visitor_cookie, started_at, click_no, bits, is_first,
    null::varchar as conversion, false as deleted, started_at as stated_start, false as is_later, false as is_shown,
    n as number, 1 as v
from bulk_visit;

-- -- Web tables -----------------------------------------------------------------------------------------------------

create temp view web_sessions as
select
    session_id as ID,
    'v_' || visitor_cookie as VISITOR_ID,
    cookie_id as COOKIE_ID,
    stated_start as EVENT_DATE,
    started_at + to_hours(v * v) as MODIFIED_DATE,
    is_first as IS_FIRST_SESSION,
    channel_path as CHANNEL,
    title as PAGE_TITLE,
    getvariable('own_site') || path as LANDING_PAGE,
    case when click_id is null and query_text is null then getvariable('own_site') || path
        else getvariable('own_site') || path || '?' || coalesce(query_text, '')
            || coalesce('&' || click_id || '=' || cookie_id, '')
    end as LANDING_PAGE_RAW,
    referrer as REFERRER_PAGE,
    referrer as REFERRER_PAGE_RAW,
    referrer_name as REFERRER_NAME,
    case when medium = 'Search' then keyword end as SEARCH_PHRASE,
    web_source as WEB_SOURCE,
    coalesce(conversion = 'form', false) as HAS_FORM,
    coalesce(conversion = 'chat', false) as HAS_CHAT,
    device as DEVICE,
    ad_provider as AD_PROVIDER,
    case when has_ad then 'aw.6601259029' end as ACCOUNT_UNIQUE_ID,
    case when has_ad then 'Halden Instruments' end as ACCOUNT_NAME,
    case when has_ad then 'aw.6601259029.' || campaign_number end as CAMPAIGN_UNIQUE_ID,
    case when has_ad then campaign_name end as CAMPAIGN_NAME,
    case when has_ad then 'aw.6601259029.' || campaign_number || '.' || group_number end as AD_GROUP_UNIQUE_ID,
    case when has_ad then group_name end as AD_GROUP_NAME,
    case when has_ad and not names_keyword then 'fb.' || creative_number end as AD_UNIQUE_ID,
    case when has_ad and not names_keyword then content end as AD_NAME,
    case when names_keyword then 'aw.6601259029.' || campaign_number || '.' || group_number || '.' || creative_number
    end as CREATIVE_UNIQUE_ID,
    case when names_keyword then content end as CREATIVE_NAME,
    case when names_keyword then 'aw.6601259029.' || campaign_number || '.' || group_number || '.kw' || ad_no
    end as KEYWORD_UNIQUE_ID,
    case when names_keyword then keyword end as KEYWORD_NAME,
    case when names_keyword then 'Phrase' end as KEYWORD_MATCH_TYPE,
    case when has_utm then campaign_name end as CAMPAIGN,
    case when has_utm then utm_source end as SOURCE,
    case when has_utm then utm_medium end as MEDIUM,
    case when has_utm then keyword end as TERM,
    case when has_utm then content end as CONTENT,
    city as CITY,
    region as REGION,
    country as COUNTRY,
    '203.0.113.' || (bits >> 24) % 254 as IP_ADDRESS,
    deleted as IS_DELETED,
    is_later, is_shown, number
from visit
inner join click using (click_no)
inner join page on page_no = (bits >> 16) % 10
inner join place on place_no = (bits >> 20) % 11
inner join device on device_no = (bits >> 28) % 6;

-- Sessions are given, so page views only give last activity: one visit in ten has them, and the journeys that are
-- shown or say something about them.
create temp view web_page_views as
with viewed as (
    select
        session_id, cookie_id, visitor_cookie, started_at, after(started_at, view_us) as viewed_at, view_no,
        serial * 100 + k * 10 + view_no as view_number, click_no, bits, late as is_later, is_shown, serial as number
    from journey_visit
    inner join t_view using (journey, k)
    where is_shown or is_browsing or serial % 10 = 0
    union all by name
    select
        session_id, cookie_id, cookie_id as visitor_cookie, started_at, started_at as viewed_at, 0 as view_no,
        500000000 + n as view_number, click_no, bits, false as is_later, false as is_shown, n as number
    from bulk_visit
    where n % 10 = 0
)

select
    web_id(viewed_at, view_number, cookie_id) as ID,
    cookie_id as COOKIE_ID,
    'v_' || visitor_cookie as VISITOR_ID,
    session_id as SESSION_ID,
    viewed_at as EVENT_DATE,
    viewed_at + to_minutes(1) as MODIFIED_DATE,
    getvariable('own_site') || path as CURRENT_PAGE,
    getvariable('own_site') || path as CURRENT_PAGE_RAW,
    'PageView' as TYPE,
    device as USER_AGENT_STRING,
    (view_no + 1)::varchar as CLIENT_SEQUENCE,
    case when view_no = 0 then referrer else getvariable('own_site') || '/' end as REFERRER_PAGE,
    case when view_no = 0 then referrer else getvariable('own_site') || '/' end as REFERRER_PAGE_RAW,
    title as PAGE_TITLE,
    false as IS_DUPLICATED,
    is_later, is_shown, number
from viewed
inner join click using (click_no)
inner join page on page_no = ((bits >> 16) + view_no) % 10
inner join device on device_no = (bits >> 28) % 6;

create temp view web_form_submits as
select
    web_id(after(t0, at_us), 100000000 + serial * 10 + k, cookie(serial, coalesce(cookie_no, session_cookie_no))) as ID,
    cookie(serial, cookie_no) as COOKIE_ID,
    case when session_k is not null then session_id(serial, session_k, after(t0, session_us), session_cookie_no)
    end as SESSION_ID,
    after(t0, at_us) as EVENT_DATE,
    after(t0, at_us) + to_minutes(2) as MODIFIED_DATE,
    getvariable('own_site') || case when is_chat then '/' else '/contact' end as CURRENT_PAGE,
    getvariable('own_site') || case when is_chat then '/' else '/contact?step=2' end as CURRENT_PAGE_RAW,
    'FormSubmit' as TYPE,
    -- As people type it.
    case serial % 4 when 0 then '  ' || upper(email(serial, person)) || ' ' else email(serial, person) end as EMAIL,
    case when is_chat then pick(['Chat', 'chat', 'CHAT'], serial) else 'Form' end as FORM_TYPE,
    'onSubmit' as FORM_SOURCE,
    case when is_chat then 'drift' else '-956012665' end as FORM_IDENTIFIER,
    deleted as IS_DUPLICATED,
    false as is_later, is_shown, serial + k as number
from instance inner join t_form using (journey);

create temp view web_email_to_visitor_ids as
select
    email(serial, person) || '|' || serial || '.' || k as ID,
    email(serial, person) as EMAIL,
    'v_' || cookie(serial, cookie_no) as VISITOR_ID,
    after(t0, at_us) as CREATED_DATE,
    after(t0, at_us) as MODIFIED_DATE,
    deleted as IS_DELETED,
    ignored as IS_IGNORE,
    false as is_later, is_shown, serial + k as number
from instance inner join t_mapping using (journey);

-- -- Salesforce -----------------------------------------------------------------------------------------------------

-- People whom no web session knows: they came to a fair or to a webinar. Every fifth is a Contact with a deal.
create temp table visitor as
select
    n,
    n < 12 as is_shown,
    900000000 + n as serial,
    n % 5 = 0 as is_contact,
    case when is_contact then sf_id('003', serial, 0) end as contact_id,
    case when not is_contact then sf_id('00Q', serial, 0) end as lead_id,
    'visitor.' || n || '@laboratory' || n % 7 || '.example' as email,
    sf_id('00v', serial, 0) as member_id,
    n % 3 as fair_no,
    timestamp '2025-02-03 09:00:00' + to_hours(37 * n) as created_at,
    n % 2 = 0 as has_responded,
    created_at::date + 2 as responded_on,
    case when n % 7 = 0 then created_at - interval 1 day end as own_at
from (select n from range(60) numbers(n));

create temp table fair as
select
    fair_no,
    sf18('701', 1000 + fair_no) as campaign_id,
    ['Lab Expo 2025', 'Cold chain webinar', 'Spring newsletter'][fair_no + 1] as campaign_name,
    ['Conference', 'Webinar', 'Email'][fair_no + 1] as type,
    ['Events Conferences', 'Webinar', 'EMail'][fair_no + 1] as channel_path,
    ['Include all Campaign Members', 'Include only "Responded" Campaign Members', 'Exclude all Campaign Members'][fair_no + 1]
        as sync_type
from (select fair_no from range(3) numbers(fair_no));

-- Most Tasks of a real org: emails and to-dos.
create temp view to_do as
select
    n,
    bits,
    sf18('00T', 5000000000 + n) as task_id,
    timestamp '2025-01-01' + to_seconds(bits % 47000000) as created_at,
    pick(['Email', 'Other', null, 'Email'], n) as type,
    bits % 40 = 0 as deleted
from (select n, chance('to-do', n) as bits from range(getvariable('to_dos')) numbers(n));

create temp view salesforce_Task as
with journey_task as (
    select
        serial, is_shown, k, version, versions, t0, deleted, style, subtype, call_type, duration, call_object,
        is_numbered,
        time_text, touchpoint_text,
        sf_id('00T', serial, k) as task_id,
        after(t0, at_us) as created_at,
        after(t0, touchpoint_us) as touchpoint_at,
        cookie(serial, cookie_no) as cookie_id,
        case when who_k is not null then sf_id(who_prefix, serial, who_k) end as who_id,
        task_type(type, serial, k) as type,
        chance('task' || k, serial) as bits
    from instance inner join t_call using (journey)
)

select
    task_id as Id,
    deleted as IsDeleted,
    created_at as CreatedDate,
    replace(time_text, '{day}', strftime(t0, '%Y-%m-%d')) as CreatedDate_text,
    -- The later version has the later stamp, whichever file it comes in.
    coalesce(created_at, t0) + to_hours(version * version) as SystemModstamp,
    who_id as WhoId,
    sf18('005', 1 + bits % 9) as OwnerId,
    case when subtype = 'Call' then 'Inbound call with ' || upper(last_name(serial) || ', ' || first_name(serial))
        else 'Follow up' end as Subject,
    type as Type,
    subtype as TaskSubtype,
    'Completed' as Status,
    'Normal' as Priority,
    call_type as CallType,
    case when duration = 'seconds' then (30 + bits % 900)::varchar else duration end as CallDurationInSeconds,
    -- The telephone system's id: its own, or one that several Tasks share.
    case when call_object = 'own' then 'CA' || md5(task_id) when call_object is not null
        then 'CA' || md5(call_object || serial) end as CallObject,
    case
        -- A dialer's sentence.
        when is_numbered then 'answered: Inbound call.' || chr(10) || 'The call was made from +1206555'
            || lpad((serial % 10000)::varchar, 4, '0') || ' to +18005550199.'
        when subtype = 'Call' then 'Asked about "' || pick(['delivery', 'prices', 'calibration'], serial) || '",'
            || chr(10) || 'wants an offer; via ' || pick(['the site', 'an ad', 'a colleague'], serial)
    end as Description,
    t0::date as ActivityDate,
    case style when 'shouting' then ' V_' || upper(cookie_id) || '  ' else cookie_id end as bizible2__BizibleId__c,
    touchpoint_at as bizible2__Bizible_Touchpoint_Date__c,
    replace(touchpoint_text, '{day}', strftime(t0, '%Y-%m-%d')) as bizible2__Bizible_Touchpoint_Date__c_text,
    -- Now and then the newer version lies in the earlier file: the order of files decides nothing.
    (version = 2) <> (versions = 2 and serial % 3 = 0) as is_later,
    is_shown, serial + k as number
from journey_task
union all by name
select
    task_id as Id,
    deleted as IsDeleted,
    created_at as CreatedDate,
    created_at + to_hours(1) as SystemModstamp,
    sf18('00Q', (bits >> 8) % 1000 * 10) as WhoId,
    sf18('005', 1 + bits % 9) as OwnerId,
    pick(['Email: your quotation', 'Send the brochure', 'Prepare the visit', 'Email: Re: service'], n) as Subject,
    type as Type,
    pick(['Email', 'Task', 'Task', 'Email'], n) as TaskSubtype,
    'Completed' as Status,
    'Normal' as Priority,
    'Hello,' || chr(10) || chr(10) || 'as agreed: "order ' || n || '".' as Description,
    created_at::date as ActivityDate,
    false as is_later,
    n < getvariable('shown') * 3 as is_shown,
    n as number
from to_do;

create temp view salesforce_Lead as
select
    sf_id('00Q', serial, k) as Id,
    deleted as IsDeleted,
    after(t0, at_us) as CreatedDate,
    after(t0, at_us) + to_hours(2) as SystemModstamp,
    case serial % 5 when 0 then upper(email(serial, person)) else email(serial, person) end as Email,
    first_name(serial + person) as FirstName,
    last_name(serial + person) as LastName,
    company(serial) as Company,
    pick(['Web', 'Phone', 'Trade fair', null], serial) as LeadSource,
    case when converted_k is not null then 'Qualified' else 'Working' end as Status,
    converted_k is not null as IsConverted,
    case when converted_k is not null then after(t0, converted_us)::date end as ConvertedDate,
    sf_id('003', serial, converted_k) as ConvertedContactId,
    cookie(serial, cookie_no) as bizible2__BizibleId__c,
    false as is_later, is_shown, serial + k as number
from instance inner join t_lead using (journey)
union all by name
select
    lead_id as Id, false as IsDeleted, created_at as CreatedDate, created_at as SystemModstamp, email as Email,
    first_name(n) as FirstName, last_name(n) as LastName, 'Trade fair' as LeadSource, 'Working' as Status,
    false as IsConverted, false as is_later, is_shown, n as number
from visitor
where not is_contact;

create temp view salesforce_Contact as
select
    sf_id('003', serial, k) as Id,
    deleted as IsDeleted,
    after(t0, at_us) as CreatedDate,
    after(t0, at_us) + to_hours(2) as SystemModstamp,
    sf_id('001', serial, account_k) as AccountId,
    email(serial, person) as Email,
    first_name(serial + coalesce(person, 0)) as FirstName,
    last_name(serial + coalesce(person, 0)) as LastName,
    'Web' as LeadSource,
    cookie(serial, cookie_no) as bizible2__BizibleId__c,
    false as is_later, is_shown, serial + k as number
from instance inner join t_contact using (journey)
union all by name
select
    contact_id as Id, false as IsDeleted, created_at as CreatedDate, created_at as SystemModstamp,
    sf_id('001', serial, 0) as AccountId, email as Email, first_name(n) as FirstName, last_name(n) as LastName,
    'Trade fair' as LeadSource, false as is_later, is_shown, n as number
from visitor
where is_contact;

create temp view salesforce_Account as
select
    sf_id('001', serial, k) as Id,
    false as IsDeleted,
    t0 as CreatedDate,
    t0 + to_hours(2) as SystemModstamp,
    company(serial) as Name,
    'www.customer' || serial % 97 || '.example' as Website,
    pick(['Biotechnology', 'Education', 'Food & Beverage', 'Utilities'], serial) as Industry,
    case when serial % 11 = 0 then 'about 50' else (10 + serial % 5000)::varchar end as NumberOfEmployees,
    false as is_later, is_shown, serial + k as number
from instance inner join t_account using (journey);

-- Amounts as they are typed, and the cents that they are worth (null: none).
create temp table deal as
select
    serial, is_shown, k, t0, state, deleted, account_k, journey,
    after(t0, at_us) as created_at,
    (t0 + to_days(closes::int))::date as close_date,
    case amount
        when 'none' then null
        when 'zero' then 0
        when 'cent' then 1
        when 'hundred' then 10000
        when 'half_cent' then (1234 + serial % 1000) * 100 + 57
        when 'large' then 98765432 + serial
        when 'text' then null
        when 'negative' then -cents
        else cents
    end as amount_cents,
    case amount
        when 'text' then 'to be agreed'
        when 'half_cent' then (1234 + serial % 1000) || '.565'
        else (amount_cents / 100)::decimal(18, 2)::varchar
    end as amount_text
from (select *, (200000 + chance('amount' || k, serial) % 9800000)::bigint as cents
      from instance inner join t_opportunity using (journey));

insert into deal by name
select
    serial, is_shown, 0 as k, created_at as t0, 'won' as state, false as deleted, 0 as account_k,
    created_at + interval 10 day as created_at, created_at::date + 40 as close_date,
    500000 + 100 * n as amount_cents, (amount_cents / 100)::decimal(18, 2)::varchar as amount_text
from visitor
where is_contact;

create temp view salesforce_Opportunity as
select
    sf_id('006', serial, k) as Id,
    deleted as IsDeleted,
    created_at as CreatedDate,
    created_at + to_hours(30) as SystemModstamp,
    sf_id('001', serial, account_k) as AccountId,
    company(serial) || ' - ' || pick(['Pipettes', 'Freezers', 'Service contract'], serial + k) as Name,
    case state when 'won' then 'Closed Won' when 'lost' then 'Closed Lost' else 'Proposal' end as StageName,
    amount_text as Amount,
    close_date as CloseDate,
    state <> 'open' as IsClosed,
    state = 'won' as IsWon,
    'New Business' as Type,
    false as is_later, is_shown, serial + k as number
from deal;

create temp view salesforce_OpportunityContactRole as
select
    sf_id('00K', serial, number) as Id,
    false as IsDeleted,
    t0 as CreatedDate,
    t0 + to_hours(2) as SystemModstamp,
    sf_id('006', serial, opportunity_k) as OpportunityId,
    sf_id('003', serial, contact_k) as ContactId,
    'Decision Maker' as Role,
    is_primary as IsPrimary,
    false as is_later, is_shown, serial + number as number
from instance inner join t_role using (journey);

create temp view salesforce_OpportunityHistory as
select
    sf_id('008', serial, k * 3 + step) as Id,
    case step when 0 then created_at when 1 then created_at + to_hours(26) else close_date + interval 15 hour
    end as CreatedDate,
    sf_id('006', serial, k) as OpportunityId,
    case when step = 0 then 'Qualification' when step = 1 then 'Proposal' when state = 'won' then 'Closed Won'
        else 'Closed Lost' end as StageName,
    amount_text as Amount,
    close_date as CloseDate,
    false as is_later, is_shown, serial + k as number
from deal, range(3) steps(step)
where k < 3 and (step < 2 or state <> 'open');

create temp view salesforce_LeadHistory as
select
    sf_id('017', serial, k * 2 + step) as Id,
    after(t0, at_us) + to_hours(step + 1) as CreatedDate,
    sf_id('00Q', serial, k) as LeadId,
    case step when 0 then 'Status' else 'leadConverted' end as Field,
    case step when 0 then 'Open' end as OldValue,
    case step when 0 then 'Working' end as NewValue,
    false as is_later, is_shown, serial + k as number
from instance inner join t_lead using (journey), range(2) steps(step)
where step = 0 or converted_k is not null;

-- The budget, as Marketo Measure's sheet has it: on three levels, with a rest on two of them.
create temp view spend_marketing_spend as
select
    channel as "Channel",
    subchannel as "SubChannel",
    null::varchar as "Campaign Id",
    campaign as "Campaign Name",
    null::varchar as "Currency",
    columns('^[A-Z][a-z]{2}-25$'),
    false as is_later, true as is_shown, number
from (
    values
        (1, 'Paid Search', null, null, '$12,000', '12000', '9,500.50'),
        (2, 'Paid Search', 'AdWords', null, '$10,000', '11000', '9,000'),
        (3, 'Paid Search', 'AdWords', 'Brand', '$6,000', '11000', '0'),
        (4, 'Social.LinkedIn', null, null, '$1,000', null, '100'),
        (5, 'Referral', null, null, null, '31', null)
) as sheet(number, channel, subchannel, campaign, "Jan-25", "Feb-25", "Mar-25");

-- Campaigns of ads have a blank picklist, so their members make no touches.
create temp view salesforce_Campaign as
select
    sf18('701', ad_no) as Id,
    false as IsDeleted,
    timestamp '2025-01-01' as CreatedDate,
    timestamp '2025-01-02' as SystemModstamp,
    campaign_name as Name,
    pick(['Webinar', 'Conference', 'Email'], ad_no) as Type,
    date '2025-01-01' + ad_no::int as StartDate,
    null as bizible2__Bizible_Attribution_SyncType__c,
    false as is_later, true as is_shown, ad_no as number
from ad
union all by name
select
    campaign_id as Id, false as IsDeleted, timestamp '2025-01-01' as CreatedDate, timestamp '2025-01-02' as SystemModstamp,
    campaign_name as Name, type as Type, sync_type as bizible2__Bizible_Attribution_SyncType__c,
    date '2025-02-03' as StartDate, false as is_later, true as is_shown, 1000 + fair_no as number
from fair;

create temp view salesforce_CampaignMember as
select
    sf_id('00v', serial, k) as Id,
    false as IsDeleted,
    after(t0, at_us) as CreatedDate,
    after(t0, at_us) + to_hours(2) as SystemModstamp,
    sf18('701', serial % 40) as CampaignId,
    sf_id('00Q', serial, k) as LeadId,
    null as ContactId,
    'Responded' as Status,
    true as HasResponded,
    null::date as FirstRespondedDate,
    null::timestamp as bizible2__Bizible_Touchpoint_Date__c,
    false as is_later, is_shown, serial + k as number
from instance inner join t_lead using (journey)
union all by name
select
    member_id as Id, false as IsDeleted, created_at as CreatedDate, created_at as SystemModstamp,
    campaign_id as CampaignId, lead_id as LeadId, contact_id as ContactId,
    case when has_responded then 'Responded' else 'Sent' end as Status, has_responded as HasResponded,
    case when has_responded then responded_on end as FirstRespondedDate,
    own_at as bizible2__Bizible_Touchpoint_Date__c,
    false as is_later, is_shown, n as number
from visitor inner join fair using (fair_no);

create temp view salesforce_Event as
select
    sf_id('00U', serial, k) as Id,
    false as IsDeleted,
    created_at as CreatedDate,
    created_at + to_hours(2) as SystemModstamp,
    sf_id('006', serial, k) as WhatId,
    'Demonstration' as Subject,
    'Meeting' as Type,
    created_at + to_days(3) as StartDateTime,
    false as is_later, is_shown, serial + k as number
from deal;
