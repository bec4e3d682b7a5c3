-- The benchmark's dataset as views of row numbers: nothing is stored, so writing any number of rows needs little memory.
-- Variables: seed and sessions. Random values are md5 of the seed and a row's number: the same on every machine and in
-- every version.
--
-- Sessions fill the year 2025 evenly, in the order of their numbers, on cookies that come back 2.5 times. Every tenth
-- session contains a form of another person, every twentieth a call; each person is a Lead or one of the two Contacts of an
-- account, each account has one opportunity.
--
-- `is_late` marks the rows that arrive with the last day: its own rows, a few late rows of all earlier days, and new
-- versions of existing rows (Tasks that get their BizibleId and Type, deals that close).

create temp macro chance(salt, n) as (md5_number_lower(getvariable('seed') || salt || n) >> 1)::bigint;
create temp macro pick(texts, number) as texts[1 + (number % len(texts))::int];
create temp macro hex_id(salt, n) as md5(getvariable('seed') || salt || n);
create temp macro is_straggler(n) as n * 2654435761 % 7300 = 11;
-- Salesforce ids of lower-case letters and digits after the prefix, so that only the prefix shows in the checksum.
create temp macro crm_id(prefix, n) as
    prefix || '5e' || lpad(n::varchar, 10, '0') || case when prefix in ('00T', '00Q', '00K') then 'EAA' else 'AAA' end;

set variable cookies = greatest(1, getvariable('sessions') * 2 // 5);
set variable people = getvariable('sessions') // 10;
set variable calls = getvariable('sessions') // 20;
set variable accounts = getvariable('sessions') // 100;
set variable last_day = getvariable('sessions') * 364 // 365;
set variable year_starts_us = 1735689600000000;
set variable session_gap_us = 365::bigint * 86400 * 1000000 // getvariable('sessions');

create temp macro started_at(n) as
    make_timestamp((getvariable('year_starts_us') + n * getvariable('session_gap_us')) // 1000 * 1000);
create temp macro cookie_number(n) as chance('cookie', n) % getvariable('cookies');
create temp macro cookie_id(n) as hex_id('cookie', cookie_number(n));
-- The session of a form; one form in ten shares its session with a call.
create temp macro form_session(person) as person * 10 + case when person % 10 = 0 then 7 else 3 end;
create temp macro call_session(call) as call * 20 + 7;
create temp macro email(person) as
    pick(['ada', 'bo', 'chen', 'dora', 'emeka', 'farid', 'greta'], person) || '.' || person || '@customer'
    || person // 10 || '.example';
create temp macro record_id(person) as
    case when person % 10 < 8 then crm_id('00Q', person) else crm_id('003', person) end;

-- -- Web ------------------------------------------------------------------------------------------------------------

create temp table way as
select
    row_number() over () - 1 as way_number, *
from (values
    ('google', 'cpc', 'gclid', 'www.google.com', 'Google', 'Google AdWords', 'Paid Search.AdWords'),
    ('google', 'ppc', 'gclid', 'www.google.com', 'Google', 'Google AdWords', 'Paid Search.AdWords'),
    ('google', 'display', 'gclid', 'news.labreview.example', 'Lab Review', 'Google AdWords', 'Display.Google'),
    ('bing', 'cpc', 'msclkid', 'www.bing.com', 'Bing', 'BingAds', 'Paid Search.Bing'),
    ('yahoo', 'cpc', 'hsa', 'search.yahoo.com', 'Yahoo', 'yahoo', 'Paid Search.Yahoo'),
    ('duckduckgo', 'cpc', 'ddg', 'duckduckgo.com', 'DuckDuckGo', 'duckduckgo', 'Paid Search.Other'),
    ('dcm', 'display', 'dclid', 'ad.doubleclick.net', 'DoubleClick', 'DoubleClick', 'Display.DoubleClick'),
    ('facebook', 'paid_social', 'fbclid', 'l.facebook.com', 'Facebook', 'Facebook', 'Paid Social.Facebook'),
    ('instagram', 'paid_social', 'fbclid', 'l.instagram.com', 'Instagram', 'Facebook', 'Paid Social.Facebook'),
    ('linkedin', 'paid_social', 'li_fat_id', 'www.linkedin.com', 'LinkedIn', 'LinkedIn', 'Paid Social.LinkedIn'),
    ('tiktok', 'paid_social', 'ttclid', 'www.tiktok.com', 'TikTok', 'TikTok', 'Paid Social.Other'),
    ('google', 'organic', 'srsltid', 'www.google.com', 'Google', 'google', 'Organic Search.Google'),
    ('bing', 'organic', 'form', 'www.bing.com', 'Bing', 'bing', 'Organic Search.Bing'),
    ('yahoo', 'organic', 'fr', 'search.yahoo.com', 'Yahoo', 'yahoo', 'Organic Search.Yahoo'),
    ('facebook', 'post', 'fbclid', 'l.facebook.com', 'Facebook', 'facebook', 'Social.Facebook'),
    ('linkedin', 'post', 'trk', 'lnkd.in', 'LinkedIn', 'linkedin', 'Social.LinkedIn'),
    ('twitter', 'post', 'twid', 't.co', 'Twitter', 'twitter', 'Social.Twitter'),
    ('mastodon', 'social', 'ref', 'mastodon.example', 'Mastodon', 'mastodon', 'Social.Other'),
    ('labreview', 'display', 'cid', 'news.labreview.example', 'Lab Review', 'labreview', 'Display.Other'),
    ('newsletter', 'email', 'mkt_tok', 'mail.google.com', 'Gmail', 'newsletter', 'Other'),
    ('drip', 'email', 'mkt_tok', 'outlook.office.com', 'Outlook', 'drip', 'Other'),
    ('partner', 'referral', 'pid', 'www.partner.example', 'Partner', 'partner', 'Other'),
    ('directory', 'referral', 'listing', 'www.directory.example', 'Directory', 'directory', 'Other'),
    ('webinar', 'event', 'seat', 'www.webinars.example', 'Webinars', 'webinar', 'Other')
) as ways(utm_source, utm_medium, click_parameter, host, referrer_name, web_source, channel);

create temp table campaign as
select
    n as campaign_number,
    pick(['Brand', 'Generic', 'Competitor', 'Remarketing', 'Launch'], n) || ' - '
    || pick(['Pipettes', 'Centrifuges', 'Incubators', 'Balances', 'Microscopes', 'Freezers'], n // 5) || ' '
    || 1 + n // 30 as campaign_name,
    url_encode(campaign_name) as encoded_name
from range(57) numbers(n);

create temp table page as
select
    n as page_number,
    'www.halden.example/' || pick(['products', 'guides', 'solutions', 'webinars', 'blog'], n) || '/'
    || pick(['choosing-a-centrifuge', 'cold-storage', 'pipettes', 'calibration', 'incubators'], n // 5)
    || '-' || n as address,
    pick(['Choosing a centrifuge', 'Cold storage, a guide', 'Pipettes', 'Calibration', 'Incubators'], n // 5)
    || ' | Halden Instruments' as title
from range(100) numbers(n);

-- 25 texts, all of them filled, and 24 * 57 * 100 combinations of what a channel is decided from.
create temp view web_sessions as
with numbered as (
    select
        n,
        chance('session', n) as bits,
        cookie_number(n) as cookie_n,
        hex_id('cookie', cookie_n) as cookie_id,
        started_at(n) as started_at
    from range(getvariable('sessions')) numbers(n)
)

select
    hex_id('session', n) as ID,
    -- One visitor in ten has a second cookie.
    'v_' || case when cookie_n % 10 = 9 then hex_id('cookie', cookie_n - 1) else cookie_id end as VISITOR_ID,
    cookie_id as COOKIE_ID,
    started_at as EVENT_DATE,
    started_at + interval 40 minute as MODIFIED_DATE,
    channel as CHANNEL,
    title as PAGE_TITLE,
    'https://' || address as LANDING_PAGE,
    'https://' || address || '?utm_source=' || utm_source || '&utm_medium=' || utm_medium || '&utm_campaign='
    || encoded_name || '&utm_content=banner-' || bits % 31 || '&' || click_parameter || '=' || cookie_id
        as LANDING_PAGE_RAW,
    'https://' || host || '/' as REFERRER_PAGE,
    'https://' || host || '/?q=' || bits % 9973 as REFERRER_PAGE_RAW,
    referrer_name as REFERRER_NAME,
    web_source as WEB_SOURCE,
    pick(['Chrome (142.0), Windows (10.0)', 'Safari (18.3), Mac (10_15)', 'Chrome (142.0), Android (15)',
        'Safari (18.3), iPhone (18_3)', 'Firefox (144.0), Linux (x86_64)'], bits >> 3) as DEVICE,
    'aw.6601259029.' || 208548000 + campaign_number as CAMPAIGN_UNIQUE_ID,
    campaign_name as CAMPAIGN_NAME,
    'Group ' || (bits >> 5) % 211 as AD_GROUP_NAME,
    'Banner ' || bits % 31 as AD_NAME,
    'buy instrument ' || (bits >> 9) % 1021 as KEYWORD_NAME,
    campaign_name as CAMPAIGN,
    utm_source as SOURCE,
    utm_medium as MEDIUM,
    'banner-' || bits % 31 as CONTENT,
    pick(['Seattle', 'Boston', 'Austin', 'Vancouver', 'Québec', 'Leeds', 'Zürich', 'Malmö', 'Kyoto'], bits >> 7) as CITY,
    pick(['Washington', 'Massachusetts', 'Texas', 'British Columbia', 'Quebec', 'England', 'Zürich', 'Skåne', 'Kyoto'],
        bits >> 7) as REGION,
    pick(['United States', 'United States', 'United States', 'Canada', 'Canada', 'United Kingdom', 'Switzerland',
        'Sweden', 'Japan'], bits >> 7) as COUNTRY,
    '203.0.' || (bits >> 11) % 254 || '.' || (bits >> 19) % 254 as IP_ADDRESS,
    n >= getvariable('last_day') or is_straggler(n) as is_late
from numbered
inner join way on way_number = (bits >> 24) % 24
inner join campaign on campaign_number = (bits >> 30) % 57
inner join page on page_number = (bits >> 38) % 100;

create temp view web_form_submits as
select
    hex_id('form', person) as ID,
    cookie_id(session) as COOKIE_ID,
    -- One form in ten names no session and is assigned by its time (R1.9).
    case when person % 10 <> 5 then hex_id('session', session) end as SESSION_ID,
    started_at(session) + to_seconds(20 + chance('form', person) % 1500) as EVENT_DATE,
    started_at(session) + interval 1 hour as MODIFIED_DATE,
    'https://www.halden.example/contact' as CURRENT_PAGE,
    'https://www.halden.example/contact?step=' || person % 3 as CURRENT_PAGE_RAW,
    email(person) as EMAIL,
    case when person % 8 = 0 then 'Chat' else 'Form' end as FORM_TYPE,
    session >= getvariable('last_day') or is_straggler(person) as is_late
from (select person, form_session(person) as session from range(getvariable('people')) numbers(person));

-- -- Salesforce -----------------------------------------------------------------------------------------------------

create temp view salesforce_Task as
with numbered as (
    select
        call,
        call_session(call) as session,
        chance('call', call) as bits,
        -- Filled in later: the version that arrives on time has neither, the one of the last day has both.
        call * 2654435761 % 1460 = 820 as is_edited
    from range(getvariable('calls')) numbers(call)
),

timed as (
    select
        *,
        started_at(session) as session_started_at,
        session >= getvariable('last_day') or is_straggler(call) as comes_late,
        case
            when bits % 20 < 16 then bits // 32 % 1800 -- inside the window
            else 2400 + bits // 32 % 400000 -- after it
        end as seconds_after
    from numbered
)

select
    crm_id('00T', call) as Id,
    false as IsDeleted,
    session_started_at + to_seconds(seconds_after) as CreatedDate,
    session_started_at + to_seconds(seconds_after) + to_hours(version * version) as SystemModstamp,
    case when bits % 5 < 3 then record_id(session // 10) end as WhoId,
    'Inbound call ' || bits % 977 as Subject,
    case when version = 1 and (is_edited or bits % 7 = 0) then null else pick(['Call', 'Phone Call'], call) end as Type,
    'Call' as TaskSubtype,
    'Completed' as Status,
    'Inbound' as CallType,
    (30 + bits // 64 % 900)::varchar as CallDurationInSeconds,
    'CA' || hex_id('telephone', call) as CallObject,
    'Asked about "delivery", wants an offer; reference ' || bits % 99991 as Description,
    case
        when bits % 40 = 39 or (version = 1 and is_edited) then null -- the provider forgot it
        when bits % 40 = 38 then hex_id('stranger', call)
        else cookie_id(session)
    end as bizible2__BizibleId__c,
    comes_late or version = 2 as is_late
from timed, (values (1), (2)) versions(version)
where version = 1 or (is_edited and not comes_late);

create temp view person as
select
    person,
    form_session(person) as session,
    started_at(form_session(person)) + interval 1 hour as created_at,
    form_session(person) >= getvariable('last_day') or is_straggler(person + 3) as is_late
from range(getvariable('people')) numbers(person);

create temp view salesforce_Lead as
select
    crm_id('00Q', person) as Id,
    false as IsDeleted,
    created_at as CreatedDate,
    created_at as SystemModstamp,
    email(person) as Email,
    'Ada' as FirstName,
    'Abara ' || person as LastName,
    'Customer ' || person // 10 as Company,
    pick(['Web', 'Phone', 'Trade fair'], person) as LeadSource,
    'Working' as Status,
    case when person % 4 = 0 then cookie_id(session) end as bizible2__BizibleId__c,
    is_late
from person
where person % 10 < 8;

create temp view salesforce_Contact as
select
    crm_id('003', person) as Id,
    false as IsDeleted,
    created_at as CreatedDate,
    created_at as SystemModstamp,
    crm_id('001', person // 10) as AccountId,
    email(person) as Email,
    'Ada' as FirstName,
    'Abara ' || person as LastName,
    'Web' as LeadSource,
    is_late
from person
where person % 10 >= 8;

create temp view salesforce_Account as
select
    crm_id('001', person // 10) as Id,
    false as IsDeleted,
    created_at as CreatedDate,
    created_at as SystemModstamp,
    'Customer ' || person // 10 as Name,
    'www.customer' || person // 10 || '.example' as Website,
    pick(['Biotechnology', 'Education', 'Utilities'], person // 10) as Industry,
    is_late
from person
where person % 10 = 8;

-- A deal begins between its first Contact and the end of the year and runs for one to six months.
create temp view deal as
with begun as (
    select
        person // 10 as account,
        bits,
        make_timestamp(epoch_us(created_at)
            + (getvariable('year_starts_us') + 365::bigint * 86400000000 - epoch_us(created_at)) // 1000 * (bits % 1000))
            as created_at
    from (select *, chance('deal', person) as bits from person)
    where person % 10 = 8
),

timed as (
    select
        *,
        (created_at + to_days((30 + bits // 1024 % 150)::int))::date as close_date,
        timestamp '2025-12-31' as day_starts_at
    from begun
)

select
    *,
    close_date <= date '2025-12-31' as is_closed,
    -- Known on time as an open deal.
    is_closed and close_date >= day_starts_at and created_at < day_starts_at as closes_late,
    created_at >= day_starts_at as comes_late
from timed;

create temp view salesforce_Opportunity as
select
    crm_id('006', account) as Id,
    false as IsDeleted,
    created_at as CreatedDate,
    created_at + to_hours(version * version) as SystemModstamp,
    crm_id('001', account) as AccountId,
    'Deal of customer ' || account as Name,
    case
        when not is_closed or (version = 1 and closes_late) then 'Proposal'
        when bits % 3 = 0 then 'Closed Won'
        else 'Closed Lost'
    end as StageName,
    (1000 + bits % 100000)::decimal(18, 2)::varchar as Amount,
    close_date as CloseDate,
    is_closed and not (version = 1 and closes_late) as IsClosed,
    is_closed and not (version = 1 and closes_late) and bits % 3 = 0 as IsWon,
    comes_late or version = 2 as is_late
from deal, (values (1), (2)) versions(version)
where version = 1 or closes_late;

create temp view salesforce_OpportunityContactRole as
select
    crm_id('00K', account * 2 + number) as Id,
    false as IsDeleted,
    created_at as CreatedDate,
    created_at as SystemModstamp,
    crm_id('006', account) as OpportunityId,
    crm_id('003', account * 10 + 8 + number) as ContactId,
    'Decision Maker' as Role,
    number = 0 as IsPrimary,
    comes_late as is_late
from deal, range(2) numbers(number);

create temp view salesforce_OpportunityHistory as
select
    crm_id('008', account * 3 + step) as Id,
    case step
        when 0 then created_at
        when 1 then created_at + (close_date - created_at) / 2
        else close_date + interval 9 hour
    end as CreatedDate,
    crm_id('006', account) as OpportunityId,
    case
        when step = 0 then 'Qualification'
        when step = 1 then 'Proposal'
        when bits % 3 = 0 then 'Closed Won'
        else 'Closed Lost'
    end as StageName,
    close_date as CloseDate,
    case step when 0 then comes_late else CreatedDate >= day_starts_at end as is_late
from deal, range(3) steps(step)
where (step < 2 or is_closed) and CreatedDate < timestamp '2026-01-01';

create temp view web_email_to_visitor_ids as
select
    hex_id('mapping', person) as ID,
    email(person) as EMAIL,
    'v_' || cookie_id(session) as VISITOR_ID,
    created_at as CREATED_DATE,
    created_at as MODIFIED_DATE,
    is_late
from person
where person % 2 = 0;
