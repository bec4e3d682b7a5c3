"""Change scenarios: for every kind of change one small dataset to which it happens, in steps.

The first step is the state before; rows of later steps are newer versions. Ids contain a placeholder, so that all
scenarios fit into one landing folder without sharing a row, and a difference names its scenario.
"""

from __future__ import annotations

from typing import Any

from tests.incremental.change_sequences import stamp_of
from tests.oracle import Dataset
from tests.properties.datasets import DIGITS, PLACEHOLDER, numbered

Row = dict[str, Any]
Landed = tuple[str, Row]
Scenario = dict[int, list[Landed]]

STEPS = 5
FIRST_NUMBER = 90_000
TEN_DAYS_BEFORE = "2024-04-21T10:00:00Z"


def cookie(number: int) -> str:
    return f"{PLACEHOLDER}{number}".ljust(32, "0")


def session(name: str, who: str | None, at: str, **cells: Any) -> Landed:
    return "web/sessions", {"ID": f"s{name}-{PLACEHOLDER}", "COOKIE_ID": who, "EVENT_DATE": at} | cells


def view(name: str, who: str | None, at: str, **cells: Any) -> Landed:
    row = {"ID": f"p{name}-{PLACEHOLDER}", "COOKIE_ID": who, "EVENT_DATE": at}
    return "web/page_views", row | {"CURRENT_PAGE_RAW": "https://own.com/"} | cells


def form(name: str, who: str | None, at: str, email: str | None, **cells: Any) -> Landed:
    row = {"ID": f"f{name}-{PLACEHOLDER}", "COOKIE_ID": who, "EVENT_DATE": at, "EMAIL": email}
    return "web/form_submits", row | cells


def mapping(name: str, visitor: str, email: str, **cells: Any) -> Landed:
    row = {"ID": f"m{name}-{PLACEHOLDER}", "VISITOR_ID": visitor, "EMAIL": email}
    return "web/email_to_visitor_ids", row | {"CREATED_DATE": "2024-05-02 00:00:00"} | cells


def task(name: str, who: str | None, at: str, **cells: Any) -> Landed:
    row = {"Id": crm("00T", name), "bizible2__BizibleId__c": who, "CreatedDate": at}
    return "salesforce/Task", row | {"TaskSubtype": "Call", "Type": "Call"} | cells


def event(name: str, who: str | None, at: str, **cells: Any) -> Landed:
    row = {"Id": crm("00U", name), "bizible2__BizibleId__c": who, "StartDateTime": at, "CreatedDate": TEN_DAYS_BEFORE}
    return "salesforce/Event", row | {"Type": "Call"} | cells


def contact(name: str, **cells: Any) -> Landed:
    row = {"Id": crm("003", name), "Email": email(name), "CreatedDate": "2024-05-03T00:00:00Z"}
    return "salesforce/Contact", row | {"AccountId": crm("001", "a")} | cells


def lead(name: str, **cells: Any) -> Landed:
    row = {"Id": crm("00Q", name), "Email": email(name), "CreatedDate": "2024-05-02T12:00:00Z"}
    return "salesforce/Lead", row | cells


def account(name: str, **cells: Any) -> Landed:
    return "salesforce/Account", {"Id": crm("001", name), "Name": "Account"} | cells


def user(name: str, **cells: Any) -> Landed:
    return "salesforce/User", {"Id": crm("005", name)} | cells


def campaign(name: str, **cells: Any) -> Landed:
    row = {"Id": crm("701", name), "Name": "Expo", "Type": "Conference", "Region__c": "south"}
    return "salesforce/Campaign", row | cells


def member(name: str, of: str, **cells: Any) -> Landed:
    row = {"Id": crm("00v", name), "CampaignId": crm("701", of), "CreatedDate": "2024-05-04T10:00:00Z"}
    return "salesforce/CampaignMember", row | {"HasResponded": "true"} | cells


def opportunity(name: str, **cells: Any) -> Landed:
    row = {"Id": crm("006", name), "AccountId": crm("001", "a"), "CreatedDate": "2024-05-10T00:00:00Z"}
    row |= {"CloseDate": "2024-05-20", "IsClosed": "true", "IsWon": "true", "Amount": "100", "StageName": "Closed Won"}
    return "salesforce/Opportunity", row | cells


def role(name: str, of: str, at: str, **cells: Any) -> Landed:
    row = {"Id": crm("00K", name), "ContactId": crm("003", of), "OpportunityId": crm("006", at)}
    return "salesforce/OpportunityContactRole", row | {"IsPrimary": "true"} | cells


def entered(name: str, of: str, stage: str, at: str, **cells: Any) -> Landed:
    row = {"Id": crm("017", name), "LeadId": crm("00Q", of), "Field": "Status", "NewValue": stage, "CreatedDate": at}
    return "salesforce/LeadHistory", row | cells


def reached(name: str, of: str, stage: str, at: str, **cells: Any) -> Landed:
    row = {"Id": crm("008", name), "OpportunityId": crm("006", of), "StageName": stage, "CreatedDate": at}
    return "salesforce/OpportunityHistory", row | cells


def logged(name: str, at: str, number: str | None, **cells: Any) -> Landed:
    row = {"id": f"CAL{name}-{PLACEHOLDER}", "start_time": at, "duration": "60", "direction": "inbound"}
    return "calls/callrail", row | {"customer_phone_number": number, "session_uuid": "x"} | cells


def transacted(name: str, at: str, number: str, **cells: Any) -> Landed:
    row = {
        "transaction_id": f"{name}-{PLACEHOLDER}",
        "transaction_type": "Call",
        "start_time_xml": at,
        "duration": "60",
    }
    return "calls/invoca", row | {"calling_phone_number": number} | cells


def dated_rate(name: str, start: str, end: str, value: str) -> Landed:
    row = {"Id": crm("04w", name), "IsoCode": currency(name), "ConversionRate": value}
    return "salesforce/DatedConversionRate", row | {"StartDate": start, "NextStartDate": end}


def flat_rate(name: str, value: str, **cells: Any) -> Landed:
    row = {"Id": crm("01L", name), "IsoCode": currency(name), "ConversionRate": value}
    return "salesforce/CurrencyType", row | cells


def currency(name: str) -> str:
    return f"{name}{PLACEHOLDER}"


def crm(prefix: str, name: str) -> str:
    """15 characters."""
    return f"{prefix}{PLACEHOLDER}{name:0>5}"


def email(name: str) -> str:
    return f"{name}.{PLACEHOLDER}@mail.com"


def won_account(*names: str) -> list[Landed]:
    """An account with contacts and a deal that was won: each of their touches moves credit."""
    return [account("a"), account("b"), opportunity("o"), *(contact(name) for name in names)]


DELETED = {"IsDeleted": "true"}
GONE = {"IS_DELETED": "true"}
ONE, TWO, THREE = cookie(1), cookie(2), cookie(3)
NUMBER = f"+12065{DIGITS}4"
TEN = "2024-05-01 10:00:00"
OWN = "https://own.com/"
PAID = "https://own.com/?gclid=x1&utm_campaign=Spring"
PAST = [session("0", ONE, "2024-04-01 09:00:00", LANDING_PAGE_RAW=PAID), session("1", ONE, TEN, LANDING_PAGE_RAW=OWN)]
KNOWN = [*PAST, *won_account("p"), form("k", ONE, "2024-05-01 10:05:00", email("p"))]
IN_WINDOW, OUTSIDE = "2024-05-01T10:20:00Z", "2024-05-01T11:20:00Z"

# Every scenario begins with a person, a past and a deal, so that what changes has something to change.
SCENARIOS: dict[str, Scenario] = {
    # Calls
    "a Type filled in days later": {
        0: [*PAST, *won_account("p"), task("t", ONE, IN_WINDOW, Type=None, WhoId=crm("003", "p"))],
        1: [task("t", ONE, IN_WINDOW, Type="Inbound", WhoId=crm("003", "p"))],
        3: [task("t", ONE, IN_WINDOW, Type="", WhoId=crm("003", "p"))],
    },
    "a BizibleId filled in days later and taken away": {
        0: [*PAST, *won_account("p"), task("t", None, IN_WINDOW, WhoId=crm("003", "p"))],
        1: [task("t", ONE, IN_WINDOW, WhoId=crm("003", "p"))],
        3: [task("t", None, IN_WINDOW, WhoId=crm("003", "p"))],
    },
    "a BizibleId that moves to another cookie": {
        0: [*KNOWN, session("2", TWO, TEN), form("2", TWO, TEN, email("q")), contact("q"), task("t", ONE, IN_WINDOW)],
        1: [task("t", TWO, IN_WINDOW)],
        2: [task("t", f" v_{ONE.upper()} ", IN_WINDOW)],
        3: [task("t", THREE, IN_WINDOW)],
    },
    "a cookie that becomes known through a call's WhoId": {
        0: [*PAST, *won_account("p", "q"), task("t", ONE, IN_WINDOW)],
        1: [task("t", ONE, IN_WINDOW, WhoId=crm("003", "p"))],
        2: [task("t", ONE, IN_WINDOW, WhoId=crm("003", "q"))],
        3: [task("t", ONE, IN_WINDOW, **DELETED)],
    },
    "a cookie that becomes known through a form": {
        0: [*PAST, *won_account("p"), task("t", ONE, OUTSIDE)],
        1: [form("k", ONE, "2024-05-01 10:05:00", email("p"))],
        3: [form("k", ONE, "2024-05-01 10:05:00", email("p"), **GONE)],
    },
    "a call that moves out of its window and back": {
        0: [*KNOWN, task("t", ONE, "2024-05-01T10:02:00Z")],
        1: [task("t", ONE, "2024-05-01T10:30:00.000001Z")],
        2: [task("t", ONE, "2024-05-01T10:30:00Z")],
        3: [task("t", ONE, "2024-05-01T10:02:00Z", bizible2__Bizible_Touchpoint_Date__c="2024-04-01 09:05:00")],
    },
    "a visitor whose only call is deleted": {
        0: [*won_account("p"), task("t", ONE, IN_WINDOW, WhoId=crm("003", "p"))],
        1: [task("t", ONE, IN_WINDOW, WhoId=crm("003", "p"), **DELETED)],
        3: [task("t", ONE, IN_WINDOW, WhoId=crm("003", "p"), IsDeleted="false")],
    },
    "the call that made the session's touchpoint is deleted": {
        0: [*KNOWN, task("t", ONE, "2024-05-01T10:01:00Z"), task("u", ONE, "2024-05-01T10:02:00Z")],
        1: [task("t", ONE, "2024-05-01T10:01:00Z", **DELETED)],
        2: [task("u", ONE, "2024-05-01T10:02:00Z", **DELETED)],
    },
    "one call written twice, for two cookies": {
        0: [
            *KNOWN,
            session("2", TWO, TEN),
            form("2", TWO, TEN, email("q")),
            contact("q", AccountId=crm("001", "b")),
            opportunity("b", AccountId=crm("001", "b")),
            task("t", ONE, "2024-05-01T10:03:00Z", WhoId=crm("003", "r"), CallObject="co-" + PLACEHOLDER),
        ],
        1: [task("u", TWO, "2024-05-01T10:02:00Z", WhoId=crm("003", "r"), CallObject="co-" + PLACEHOLDER)],
        2: [task("v", THREE, "2024-05-01T10:01:00Z", WhoId=crm("003", "r"), CallObject="co-" + PLACEHOLDER)],
        3: [task("v", THREE, "2024-05-01T10:01:00Z", WhoId=crm("003", "r"), CallObject="co-" + PLACEHOLDER, **DELETED)],
        4: [task("u", TWO, "2024-05-01T10:02:00Z", WhoId=crm("003", "r"), CallObject="other-" + PLACEHOLDER)],
    },
    "calls with one constant, of two people": {
        0: [*KNOWN, task("t", ONE, "2024-05-01T10:03:00Z", CallObject="Line 0001")],
        1: [session("2", TWO, TEN), task("u", TWO, "2024-05-01T10:02:00Z", CallObject="Line 0001")],
        2: [task("u", ONE, "2024-05-01T10:02:00Z", CallObject="Line 0001")],
        3: [task("u", ONE, "2024-04-30T10:02:59Z", CallObject="Line 0001")],
    },
    "a call of the log gets an earlier part, and a correction": {
        0: [
            *KNOWN,
            session("2", TWO, TEN),
            task("t", ONE, "2024-05-01T10:03:00Z", WhoId=crm("003", "p"), CallObject=f"leg1-{PLACEHOLDER}"),
            task("u", TWO, "2024-05-01T10:03:30Z", WhoId=crm("003", "p"), Description=f"Caller: {NUMBER}"),
            task("v", TWO, "2024-05-01T10:04:00Z", WhoId=crm("003", "p"), CallObject=f"more-{PLACEHOLDER}"),
            transacted("leg1", "2024-05-01T10:03:00Z", NUMBER, complete_call_id=f"whole-{PLACEHOLDER}"),
        ],
        1: [transacted("leg0", "2024-05-01T10:02:00Z", "+12065550000", complete_call_id=f"whole-{PLACEHOLDER}")],
        2: [task("t", ONE, "2024-05-01T10:03:00Z", WhoId=crm("003", "p"), CallObject=f"whole-{PLACEHOLDER}")],
        3: [transacted("more", "2024-05-01T10:04:00Z", NUMBER, corrects_transaction_id=f"leg0-{PLACEHOLDER}")],
    },
    "one call written twice, as the provider's log says late": {
        0: [
            *KNOWN,
            session("2", TWO, TEN),
            task("t", ONE, "2024-05-01T10:03:00Z", WhoId=crm("003", "p"), CallObject=f"CALx-{PLACEHOLDER}"),
            task("u", TWO, "2024-05-01T10:03:30Z", WhoId=crm("003", "p"), CallObject=f"CALy-{PLACEHOLDER}"),
        ],
        1: [logged("x", "2024-05-01T10:03:00Z", NUMBER), logged("y", "2024-05-01T10:03:00Z", NUMBER)],
        2: [logged("y", "2024-05-01T10:03:00Z", "+12065550000")],
        3: [logged("y", "2024-05-01T10:03:00Z", NUMBER)],
        4: [task("t", ONE, "2024-05-01T10:01:00Z", WhoId=crm("003", "p"), CallObject=f"CALx-{PLACEHOLDER}")],
    },
    "a call whose number is in its Description": {
        0: [*KNOWN, task("t", ONE, "2024-05-01T10:03:00Z", WhoId=crm("003", "p"), Description=f"Caller: {NUMBER}")],
        1: [task("u", TWO, "2024-05-01T10:02:10Z", WhoId=crm("003", "p"), Description=f"Caller: {NUMBER}")],
        2: [task("v", ONE, "2024-05-01T10:01:30Z", WhoId=crm("003", "p"), Description=f"Caller: {NUMBER}")],
        3: [task("u", TWO, "2024-05-01T10:02:10Z", WhoId=crm("003", "p"), Description="nothing")],
    },
    "a call id between no-break spaces, as the provider's log says late": {
        0: [
            *KNOWN,
            task("t", ONE, "2024-05-01T10:03:00Z", Description=f"Call ID: CALx-{PLACEHOLDER}\u00a0Duration: 12 s"),
            task("u", TWO, "2024-05-01T10:03:30Z", Description=f"Call\u202fID:\u00a0CALy-{PLACEHOLDER}\u2009."),
        ],
        1: [logged("x", "2024-05-01T10:03:00Z", NUMBER)],
        2: [logged("y", "2024-05-01T10:03:00Z", NUMBER)],
    },
    "an Event that is a call, and its owner's new name": {
        0: [*KNOWN, user("u", Name="Una"), event("e", TWO, IN_WINDOW, OwnerId=crm("005", "u"))],
        1: [event("e", ONE, IN_WINDOW, OwnerId=crm("005", "u")), task("t", ONE, IN_WINDOW, OwnerId=crm("005", "u"))],
        2: [user("u", Name="Una Berg")],
        3: [event("e", ONE, OUTSIDE, WhoId=crm("003", "p")), user("u", Name="Una Berg", **DELETED)],
        4: [event("e", ONE, OUTSIDE, **DELETED)],
    },
    # Campaign members and activities. Rules take the place of the picklist in step 2 (replays.py).
    "a Campaign is included, and later matches a rule": {
        0: [*KNOWN, campaign("c"), member("m", "c", ContactId=crm("003", "p"))],
        1: [campaign("c", bizible2__Bizible_Attribution_SyncType__c="Include all")],
        3: [campaign("c", Name="Spring Expo", Region__c="north")],
        4: [campaign("c", Region__c="north", **DELETED)],
    },
    "a member moves to another person and Campaign": {
        0: [
            *KNOWN,
            contact("q", AccountId=crm("001", "b")),
            opportunity("b", AccountId=crm("001", "b")),
            campaign("c", Region__c="north", bizible2__Bizible_Attribution_SyncType__c="Include all"),
            campaign("d"),
            member("m", "c", ContactId=crm("003", "p")),
        ],
        1: [member("m", "c", ContactId=crm("003", "q"))],
        3: [member("m", "c", LeadId=crm("00Q", "l")), lead("l", Email=email("p"))],
        4: [member("m", "d", LeadId=crm("00Q", "l"))],
    },
    "the person of a member and of an activity loses their address": {
        0: [
            *PAST,
            *won_account("p"),
            campaign("c", Region__c="north", bizible2__Bizible_Attribution_SyncType__c="Include all"),
            member("m", "c", ContactId=crm("003", "p")),
            task("t", None, OUTSIDE, Subject="Inbound call", WhoId=crm("003", "p")),
        ],
        1: [contact("p", Email=None)],
        3: [contact("p", Email=email("r"))],
    },
    "an activity whose owner is renamed, and which becomes a tracked call": {
        0: [
            *KNOWN,
            user("u", Name="Una"),
            task("t", None, OUTSIDE, Subject="Inbound call", WhoId=crm("003", "p"), OwnerId=crm("005", "u")),
        ],
        1: [user("u", Name="Una Berg")],
        3: [task("t", ONE, OUTSIDE, Subject="Inbound call", WhoId=crm("003", "p"), OwnerId=crm("005", "u"))],
        4: [task("t", None, OUTSIDE, Subject="about lunch", WhoId=crm("003", "p"), OwnerId=crm("005", "u"))],
    },
    "an Event by a rule, whose creator is renamed": {
        0: [
            *KNOWN,
            user("u", Name="Una"),
            event("e", None, OUTSIDE, Subject="Visit", WhoId=crm("003", "p"), CreatedById=crm("005", "u")),
        ],
        1: [user("u", Name="Una Berg")],
        3: [event("e", None, "soon", Subject="Visit", WhoId=crm("003", "p"), CreatedById=crm("005", "u"))],
        4: [event("e", None, OUTSIDE, Subject="Visit", CreatedById=crm("005", "u"))],
    },
    # Sessions
    "a session that comes after its call": {
        0: [*won_account("p"), task("t", ONE, IN_WINDOW, WhoId=crm("003", "p"))],
        1: [session("1", ONE, TEN, LANDING_PAGE_RAW=PAID)],
        3: [session("2", ONE, "2024-05-01 10:19:00", LANDING_PAGE_RAW=OWN)],
    },
    "a session that changes its cookie": {
        0: [*KNOWN, task("t", ONE, IN_WINDOW), task("u", TWO, IN_WINDOW, WhoId=crm("003", "q")), contact("q")],
        1: [session("1", TWO, TEN)],
        3: [session("1", None, TEN)],
        4: [session("1", ONE, TEN)],
    },
    "a session whose start moves": {
        0: [*KNOWN, task("t", ONE, IN_WINDOW)],
        1: [session("1", ONE, "2024-05-01 10:21:00")],
        2: [session("1", ONE, "2024-05-01 09:59:00")],
        3: [session("0", ONE, "2024-06-01 00:00:00")],
    },
    "a session whose landing page changes": {
        0: [*KNOWN, task("t", ONE, IN_WINDOW, Type=None)],
        1: [session("1", ONE, TEN, LANDING_PAGE_RAW=PAID, REFERRER_PAGE="https://www.google.com/")],
        3: [session("1", ONE, TEN, LANDING_PAGE_RAW="https://own.com/?utm_source=news&utm_medium=email")],
    },
    "sessions deleted and brought back": {
        0: [*KNOWN, task("t", ONE, IN_WINDOW)],
        1: [session("1", ONE, TEN, **GONE)],
        2: [session("0", ONE, "2024-04-01 09:00:00", **GONE)],
        3: [session("1", ONE, TEN)],
    },
    "a session from years ago": {
        0: [*KNOWN, task("t", ONE, IN_WINDOW)],
        1: [session("old", ONE, "2011-01-01 00:00:00", LANDING_PAGE_RAW=PAID)],
        3: [form("old", ONE, "2011-01-01 00:10:00", email("p"))],
    },
    "rows of next year, and of none": {
        0: [*KNOWN, task("t", ONE, IN_WINDOW)],
        1: [
            session("9", ONE, "9999-12-31 23:59:59"),
            task("9", ONE, "9999-12-31T23:59:59Z"),
            form("9", TWO, "2999-01-01 00:00:00", email("p")),
        ],
        2: [session("2", ONE, "2024-05-02 10:00:00", LANDING_PAGE_RAW=PAID), task("u", ONE, "2024-05-02T10:10:00Z")],
        3: [form("2", ONE, "2024-05-02 10:01:00", email("q")), contact("q")],
    },
    "rows without a cookie": {
        0: [
            *KNOWN,
            session("n", None, TEN),
            session("m", " ", TEN),
            task("t", None, IN_WINDOW),
            task("u", "v_", IN_WINDOW),
        ],
        1: [session("o", "", "2024-05-01 10:01:00"), form("n", None, TEN, email("p"), SESSION_ID=f"sn-{PLACEHOLDER}")],
        2: [session("n", None, "2024-05-01 10:02:00"), task("t", " ", IN_WINDOW, Type="Inbound")],
        3: [session("m", ONE, TEN), form("n", None, TEN, None, SESSION_ID=f"sn-{PLACEHOLDER}")],
    },
    "session numbers go on where they were": {
        0: [*KNOWN, session("2", ONE, "2024-05-03 10:00:00")],
        1: [session("3", ONE, "2024-05-04 10:00:00"), task("t", ONE, "2024-05-04T10:01:00Z")],
        2: [session("4", ONE, "2024-05-02 10:00:00"), task("u", ONE, "2024-05-02T10:01:00Z")],
        3: [session("5", ONE, "2024-05-04 10:00:00"), form("5", ONE, "2024-05-04 10:00:01", email("p"))],
    },
    # Page views and forms
    "a page view that names another cookie's session": {
        0: [
            *KNOWN,
            form("l", ONE, "2024-05-01 10:50:00", email("p"), FORM_TYPE="Chat"),
            task("t", ONE, "2024-05-01T10:55:00Z"),
        ],
        1: [view("v", TWO, "2024-05-01 10:25:00", SESSION_ID=f"s1-{PLACEHOLDER}")],
        3: [view("v", TWO, "2024-05-01 10:25:00", SESSION_ID=f"s0-{PLACEHOLDER}")],
        4: [view("v", ONE, "2024-05-01 10:25:00")],
    },
    "a form that names a session which comes later": {
        0: [*won_account("p"), form("k", None, "2024-05-01 10:05:00", email("p"), SESSION_ID=f"s1-{PLACEHOLDER}")],
        1: [session("1", ONE, TEN, LANDING_PAGE_RAW=PAID)],
        2: [form("k", None, "2024-05-01 10:05:00", email("p"), SESSION_ID=f"s2-{PLACEHOLDER}"), session("2", TWO, TEN)],
        3: [session("2", TWO, TEN, **GONE)],
    },
    "a form's address changes": {
        0: [*KNOWN, contact("q", AccountId=crm("001", "b")), opportunity("b", AccountId=crm("001", "b"))],
        1: [form("k", ONE, "2024-05-01 10:05:00", email("q"))],
        2: [form("k", TWO, "2024-05-01 10:05:00", email("q"))],
        3: [form("k", ONE, "2024-05-01 10:05:00", None)],
    },
    "a chain of forms that keep a session open": {
        0: [*PAST, *won_account("p"), form("c", ONE, "2024-05-01 11:20:00", email("p"))],
        1: [form("b", ONE, "2024-05-01 10:55:00", None)],
        2: [form("a", ONE, "2024-05-01 10:28:00", " ")],
        3: [form("b", ONE, "2024-05-01 10:55:00", None, **GONE)],
    },
    # People
    "a visitor id stands for its cookies": {
        0: [
            *won_account("p"),
            session("1", ONE, TEN, VISITOR_ID=f"v_{THREE}"),
            session("2", TWO, TEN, VISITOR_ID=THREE),
        ],
        1: [mapping("m", THREE, email("p"))],
        2: [session("3", cookie(4), "2024-05-02 10:00:00", VISITOR_ID=THREE), session("2", TWO, TEN)],
        3: [mapping("m", TWO, email("p"))],
        4: [mapping("m", TWO, email("p"), **GONE)],
    },
    "a Lead becomes a Contact that is deleted later": {
        0: [*PAST, *won_account("p"), lead("l"), form("k", ONE, "2024-05-01 10:05:00", email("l"))],
        1: [lead("l", ConvertedContactId=crm("003", "p"), IsConverted="true")],
        2: [task("t", TWO, IN_WINDOW, WhoId=crm("00Q", "l")), session("2", TWO, TEN)],
        3: [contact("p", **DELETED)],
        4: [contact("p")],
    },
    "a Lead whose Contact comes later": {
        0: [*PAST, account("a"), opportunity("o"), lead("l", ConvertedContactId=crm("003", "p"), IsConverted="true")],
        1: [form("k", ONE, "2024-05-01 10:05:00", email("l")), entered("h", "l", "MQL", "2024-05-01T12:00:00Z")],
        2: [contact("p")],
        3: [lead("l", ConvertedContactId=crm("003", "p"), bizible2__BizibleId__c=TWO), session("2", TWO, TEN)],
        4: [entered("i", "l", "SQL", "2024-05-02T12:00:00Z"), lead("l", CreatedDate="2024-03-01T00:00:00Z")],
    },
    "a Lead falls back, and an older row tells its first status": {
        0: [
            *KNOWN,
            session("7", ONE, "2024-05-06 10:00:00"),
            lead("l", ConvertedContactId=crm("003", "p"), Status="SQL"),
            entered("i", "l", "SQL", "2024-05-05T12:00:00Z", OldValue="New"),
        ],
        1: [
            entered("j", "l", "MQL", "2024-05-07T12:00:00Z", OldValue="SQL"),
            reached("h", "o", "Demo", "2024-05-11T00:00:00Z"),
        ],
        2: [
            entered("h", "l", "New", "2024-05-04T12:00:00Z", OldValue="MQL"),
            opportunity("o", CreatedDate="2024-05-06T00:00:00Z"),
        ],
        3: [reached("h", "o", "Demo", "2024-05-11T00:00:00Z", **DELETED), opportunity("o", StageName="Deal")],
        4: [entered("j", "l", "MQL", "2024-05-07T12:00:00Z", **DELETED)],
    },
    "addresses of Leads and Contacts change": {
        0: [*KNOWN, lead("l"), form("l", ONE, TEN, email("l"))],
        1: [lead("l", Email=email("p")), contact("p", Email=email("other"))],
        2: [contact("p", Email=f" {email('l').upper()}")],
        3: [contact("p", Email=None), contact("r", Email=email("p"))],
        4: [contact("p", bizible2__BizibleId__c=ONE)],
    },
    "a cookie that two people share": {
        0: [*KNOWN, contact("q", AccountId=crm("001", "b")), opportunity("b", AccountId=crm("001", "b"))],
        1: [form("q", ONE, "2024-05-01 10:06:00", email("q"))],
        2: [task("t", ONE, OUTSIDE)],
        3: [task("t", ONE, OUTSIDE, WhoId=crm("003", "q"))],
        4: [form("k", ONE, "2024-05-01 10:05:00", email("p"), **GONE)],
    },
    # Deals
    "a Contact moves to another account": {
        0: [
            *KNOWN,
            contact("q"),
            task("t", TWO, OUTSIDE, WhoId=crm("003", "q")),
            opportunity("b", AccountId=crm("001", "b")),
        ],
        1: [contact("p", AccountId=crm("001", "b"))],
        2: [contact("p", AccountId=None)],
        3: [contact("p")],
    },
    "an opportunity changes in every respect": {
        0: [*KNOWN, task("t", ONE, "2024-05-15T00:00:00Z"), reached("h", "o", "Demo", "2024-05-11T00:00:00Z")],
        1: [opportunity("o", Amount="99.99", CloseDate="2024-05-14")],
        2: [
            opportunity("o", IsClosed="false", IsWon="false", StageName="Deal"),
            reached("i", "o", "Deal", "2024-05-16T00:00:00Z"),
        ],
        3: [opportunity("o", AccountId=crm("001", "b")), contact("q", AccountId=crm("001", "b"), Email=email("p"))],
        4: [opportunity("o", CreatedDate="2024-04-15T00:00:00Z", Amount=None)],
    },
    "an account and an owner get other names": {
        0: [
            *KNOWN,
            user("u", Name="Ann"),
            opportunity("o", OwnerId=crm("005", "u")),
            opportunity("e", OwnerId=crm("005", "u")),
        ],
        1: [user("u", Name="Ann Smith"), task("t", ONE, OUTSIDE)],
        2: [account("a", Name="Harbour"), opportunity("e", OwnerId=crm("005", "v"))],
        3: [user("v", Name="Bob"), task("t", ONE, OUTSIDE, **DELETED)],
    },
    "columns of the org's own come late": {
        0: [*KNOWN, task("t", ONE, IN_WINDOW)],
        1: [contact("p", Tier__c="Gold"), opportunity("o", Renewal__c="true")],
        2: [task("u", TWO, OUTSIDE, Queue__c="North"), account("a", Region__c="EMEA", Tier__c="Silver")],
        3: [contact("p", Tier__c=None), task("t", ONE, IN_WINDOW, Queue__c="South")],
        4: [opportunity("o", Renewal__c="true", **DELETED), contact("q", Region__c="EMEA")],
    },
    "opportunities come and go": {
        0: [*KNOWN, task("t", ONE, OUTSIDE)],
        1: [opportunity("o", **DELETED), opportunity("x", CreatedDate="2024-05-01T10:10:00Z", CloseDate="2024-05-01")],
        2: [opportunity("y", AccountId=None), opportunity("z", AccountId=crm("001", "none"))],
        3: [opportunity("o")],
    },
    "contact roles come and go": {
        0: [
            *KNOWN,
            contact("q", AccountId=crm("001", "b")),
            task("t", TWO, OUTSIDE, WhoId=crm("003", "q")),
            role("r", "p", "o"),
        ],
        1: [role("s", "q", "o", IsPrimary="false")],
        2: [role("r", "p", "o", IsPrimary="false"), role("s", "q", "o")],
        3: [role("s", "q", "o", **DELETED)],
    },
    "a conversion in the middle": {
        0: [*KNOWN, session("8", ONE, "2024-05-19 10:00:00", LANDING_PAGE_RAW=PAID)],
        1: [form("m", ONE, "2024-05-19 10:05:00", email("p")), session("7", ONE, "2024-05-08 10:00:00")],
        2: [task("t", ONE, "2024-05-08T10:05:00Z")],
        3: [task("t", ONE, "2024-05-08T10:05:00Z", **DELETED)],
    },
    "a deal in a currency whose rate changes": {
        0: [
            *KNOWN,
            opportunity("o", CurrencyIsoCode=currency("A")),
            opportunity("e", CurrencyIsoCode=currency("B")),
        ],
        1: [opportunity("o", CurrencyIsoCode=currency("B"))],
        2: [dated_rate("A", "2024-05-01", "2024-06-01", "2"), flat_rate("B", "4")],
        3: [flat_rate("B", "5"), opportunity("o", CurrencyIsoCode=currency("A"))],
        4: [dated_rate("A", "2024-05-21", "2024-06-01", "2")],
    },
    # In the step in which the other rates come, because it is a full refresh anyway.
    "a deal without a currency, and the rate of the corporate currency": {
        0: [*KNOWN, opportunity("o"), opportunity("e", CurrencyIsoCode=currency("C"))],
        2: [flat_rate("C", "3", IsCorporate="true")],
        3: [flat_rate("C", "5", IsCorporate="true"), opportunity("o", Amount="70")],
        4: [opportunity("o", CurrencyIsoCode=currency("D")), opportunity("e", CurrencyIsoCode=None)],
    },
    # Ids that rows of two tables share
    "a session has the id of its first page view, which lands later without the visitor": {
        0: [*won_account("p"), session("1", ONE, TEN, VISITOR_ID=f"v_{THREE}", LANDING_PAGE_RAW=PAID)],
        1: [view("1", ONE, TEN, ID=f"s1-{PLACEHOLDER}", SESSION_ID=f"s1-{PLACEHOLDER}")],
        2: [mapping("m", THREE, email("p"))],
        3: [session("1", ONE, TEN, VISITOR_ID=f"v_{TWO}", LANDING_PAGE_RAW=PAID)],
        4: [mapping("n", TWO, email("p")), mapping("m", THREE, email("q"))],
    },
    "a session has the id of its first page view, whose cookie comes from the view alone": {
        0: [*won_account("p"), session("1", ONE, TEN, LANDING_PAGE_RAW=PAID)],
        1: [view("1", TWO, TEN, ID=f"s1-{PLACEHOLDER}", SESSION_ID=f"s1-{PLACEHOLDER}")],
        2: [session("1", ONE, TEN, LANDING_PAGE_RAW=OWN)],
        3: [form("k", TWO, "2024-05-01 10:20:00", email("p"))],
    },
    "an owner and a Campaign are named by the id of a Contact": {
        0: KNOWN,
        2: [
            task("t", None, OUTSIDE, OwnerId=crm("003", "p")),
            event("e", None, OUTSIDE, OwnerId=crm("006", "o")),
            member("m", "x", CampaignId=crm("003", "p")),
        ],
    },
    # What is true for everybody
    "a site becomes one of ours": {
        0: [
            *KNOWN,
            session("r", ONE, "2024-05-03 10:00:00", LANDING_PAGE_RAW=OWN, REFERRER_PAGE="https://partner.com:8080/x"),
        ],
        4: [session("h", TWO, TEN, LANDING_PAGE_RAW="https://partner.com/")],
    },
}


def number_of_scenario(name: str) -> int:
    return FIRST_NUMBER + list(SCENARIOS).index(name)


def name_of_scenario(number: int | None) -> str | None:
    return None if number is None or number < FIRST_NUMBER else list(SCENARIOS)[number - FIRST_NUMBER]


def arrivals_of(name: str, step: int) -> Dataset:
    """What arrives of a scenario in a step."""
    dataset = Dataset()
    for table, row in SCENARIOS[name].get(step, []):
        dataset.add(table, stamped(table, row, step), file="scenarios.jsonl")
    return numbered(dataset, number_of_scenario(name))


def stamped(table: str, row: Row, step: int) -> Row:
    """A row of a later step is a newer version. The providers' logs have no such time: the later file counts."""
    at = f"2025-03-{step + 1:02} 00:00:00"
    return row if table.startswith("calls/") else row | {stamp_of(table): at}
