"""The oracle itself, on the documented cases and on the edges of the rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.oracle import Dataset, Seeds, Variables, answers, biz, values, work_out
from tests.oracle.credit import cents, split

COOKIE = "dde5687119cc4928fbf94393ed9f5c35"
OWN = Variables(own_hosts=("site.com",))
DAY = "2024-03-05"


def task(number: int, at: str, cookie: str | None = COOKIE, **more: Any) -> dict[str, Any]:
    row = {"Id": f"00T{number:015}", "bizible2__BizibleId__c": cookie, "CreatedDate": at, "Type": "Call"}
    return row | more


def session(identifier: str, at: str, cookie: str = COOKIE, **more: Any) -> dict[str, Any]:
    return {"ID": identifier, "COOKIE_ID": cookie, "EVENT_DATE": at} | more


def form(identifier: str, at: str, cookie: str | None = COOKIE, **more: Any) -> dict[str, Any]:
    return {"ID": identifier, "COOKIE_ID": cookie, "EVENT_DATE": at} | more


def by(rows: list[dict], name: str) -> dict:
    return {row[name]: row for row in rows}


def one_call(at: str, variables: Variables = OWN, sessions: list[dict] | None = None) -> dict:
    dataset = Dataset()
    dataset.add("web/sessions", *(sessions or [session("s", f"{DAY} 12:00:00")]))
    dataset.add("salesforce/Task", task(1, at))
    return answers(dataset, variables)["fct_calls"][0]


# R1 -----------------------------------------------------------------------------------------------------------------


def test_r1_1_cookie_ids() -> None:
    assert values.cookie_id(" \u00a0V_ABC\u2003") == "abc"
    assert values.cookie_id(" \t ") is None
    assert values.cookie_id("v_") is None
    assert values.is_wellformed_cookie_id(f" {COOKIE} ", Variables().bizible_id_pattern)
    assert not values.is_wellformed_cookie_id("abc", Variables().bizible_id_pattern)


def test_r1_1_salesforce_ids() -> None:
    assert values.salesforce_id("00Q0b00001UiE2X") == "00Q0b00001UiE2XEAV"  # the suffix that POS-06 prints
    assert values.salesforce_id("001A0000006Vm9r") == "001A0000006Vm9rIAC"
    assert values.salesforce_id("short") == "short"


@pytest.mark.parametrize(
    "written",
    ["2018-08-27T18:30:25.000+0000", "2018-08-27T18:30:25.000Z", "2018-08-27 18:30:25", "1535394625", "1535394625000"],
)
def test_r1_3_times(written: str) -> None:
    assert values.timestamp(written) == datetime(2018, 8, 27, 18, 30, 25)


def test_r1_3_a_date_is_no_time() -> None:
    assert values.timestamp("2018-08-27") is None


@pytest.mark.parametrize(
    ("at", "verdict"),
    [
        ("11:59:59.999999", "separate_outside_window"),
        ("12:00:00", "merged"),
        ("12:29:59.999999", "merged"),
        ("12:30:00", "merged"),
        ("12:30:00.000001", "separate_outside_window"),
    ],
)
def test_r1_4_window_edges(at: str, verdict: str) -> None:
    assert one_call(f"{DAY} {at}")["verdict"] == verdict


def test_call_06_twelve_seventeen_and_one_oh_five() -> None:
    call = one_call(f"{DAY} 13:05:00", sessions=[session("s", f"{DAY} 12:17:00")])
    assert (call["verdict"], call["seconds_to_nearest_session"]) == ("separate_outside_window", 48 * 60)


def test_r1_5_which_session() -> None:
    sessions = [session(name, f"{DAY} {at}:00") for name, at in [("a", "12:00"), ("c", "12:10"), ("b", "12:10")]]
    call = one_call(f"{DAY} 12:20:00", sessions=sessions)
    assert (call["session_id"], call["candidate_session_count"]) == ("b", 3)


def test_r1_6_earliest_conversion_makes_the_touchpoint() -> None:
    dataset = Dataset()
    dataset.add("web/sessions", session("s", f"{DAY} 10:00:00"))
    dataset.add("web/form_submits", form("f2", f"{DAY} 10:09:00", CURRENT_PAGE="/demo"))
    dataset.add("web/form_submits", form("f1", f"{DAY} 10:02:00", CURRENT_PAGE="/ebook"))  # SES-16
    dataset.add("salesforce/Task", task(1, f"{DAY} 10:02:00"))
    marts = answers(dataset, OWN)
    touch = marts["fct_touchpoints"][0]
    assert (touch["touchpoint_type"], touch["form_page"], touch["crm_task_id"]) == ("Web Form", "/ebook", None)
    assert touch["touchpoint_date"] == datetime(2024, 3, 5, 10)  # SES-22
    assert marts["fct_calls"][0]["verdict"] == "merged_secondary"


def test_r1_8_verdicts() -> None:
    at = f"{DAY} 12:05:00"
    dataset = Dataset()
    dataset.add("web/sessions", session("s", f"{DAY} 12:00:00"))
    cases = {
        "none_deleted": {"IsDeleted": "true"},
        "none_not_a_call": {"bizible2__BizibleId__c": None, "Type": "Email"},
        "none_without_bizible_id": {"bizible2__BizibleId__c": " ", "Type": "Outbound CALL"},
        "none_without_time": {"CreatedDate": DAY},
        "merged": {"CallObject": "call-1"},
        "merged_duplicate": {"CallObject": " call-1 ", "CreatedDate": f"{DAY} 12:06:00"},
        "separate_duplicate": {"CallObject": "call-1", "CreatedDate": f"{DAY} 14:06:00"},
        "merged_secondary": {"CreatedDate": f"{DAY} 12:07:00"},
        "separate_unknown_bizible_id": {"bizible2__BizibleId__c": "other"},
        "separate_outside_window": {"CreatedDate": f"{DAY} 13:00:00"},
    }
    for number, more in enumerate(cases.values()):
        dataset.add("salesforce/Task", task(number, at) | more)
    assert [row["verdict"] for row in answers(dataset, OWN)["fct_calls"]] == list(cases)


def test_r1_9_forms_are_assigned_one_after_the_other() -> None:
    dataset = Dataset()
    dataset.add("web/sessions", session("s", f"{DAY} 10:00:00"))
    for number, at in enumerate(["10:30:00", "11:00:00", "11:30:00.000001"]):
        dataset.add("web/form_submits", form(f"f{number}", f"{DAY} {at}"))
    dataset.add("salesforce/Task", task(1, f"{DAY} 11:30:00"))
    last_activity = Variables(own_hosts=("site.com",), call_session_window_anchor="last_activity")
    assert answers(dataset, last_activity)["fct_calls"][0]["verdict"] == "merged_secondary"
    assert answers(dataset, OWN)["fct_calls"][0]["verdict"] == "separate_outside_window"


def test_r1_11_newest_version_decides() -> None:
    dataset = Dataset()
    old = task(1, f"{DAY} 12:05:00", SystemModstamp="2024-03-06T00:00:00Z", Type="Old")
    new = task(1, f"{DAY} 12:05:00", SystemModstamp="2024-03-07T00:00:00Z", Type="New")
    dataset.add("salesforce/Task", new, file="a.csv")
    dataset.add("salesforce/Task", old, file="b.csv")
    assert [row["task_type"] for row in answers(dataset, OWN)["fct_calls"]] == ["New"]
    dataset.add("salesforce/Task", new | {"IsDeleted": "true"}, file="0.csv")
    assert [row["verdict"] for row in answers(dataset, OWN)["fct_calls"]] == ["none_deleted"]


# R2, R3, R4 ---------------------------------------------------------------------------------------------------------


def touch_of(**columns: Any) -> dict:
    dataset = Dataset()
    dataset.add("web/sessions", session("s", f"{DAY} 12:00:00", **columns))
    return answers(dataset, OWN)["fct_touchpoints"][0]


def test_call_04_merged_record() -> None:
    dataset = Dataset()
    page = "http://info.bizible.com/demo?_bt=195329631301&_bk=bizible%20attribution&_bm=p&gclid=x"
    dataset.add("web/sessions", session("s", "2017-06-21 16:47:00", LANDING_PAGE_RAW=page, CAMPAIGN_NAME="Brand"))
    dataset.add("salesforce/Task", task(1, "2017-06-21 16:57:00"))
    touch = answers(dataset, Variables(own_hosts=("bizible.com",)))["fct_touchpoints"][0]
    assert touch["touchpoint_type"] == "Call" and touch["marketing_touch_type"] == "Phone Call"
    assert touch["medium"] == "Call" and touch["session_medium"] == "CPC"
    assert touch["channel_path"] == "Paid Search.AdWords" and touch["crm_campaign"] == "Paid Search.AdWords [Bizible]"
    assert touch["ad_campaign_name"] == "Brand"
    pictured = answers(dataset, Variables(own_hosts=("bizible.com",), call_medium_source="session"))
    assert pictured["fct_touchpoints"][0]["medium"] == "CPC"


def test_call_05_separate_record() -> None:
    dataset = Dataset()
    dataset.add("salesforce/Task", task(1, "2017-06-26 13:57:00", Type="Left Message"))
    touch = answers(dataset, OWN)["fct_touchpoints"][0]
    assert touch["touchpoint_type"] == touch["medium"] == "Left Message"
    assert touch["touchpoint_source"] == "Salesforce Task"
    assert touch["channel_path"] == "Other" and touch["crm_campaign"] == "Other [Bizible]"


def test_r2_1_blank_type_is_a_web_visit_and_a_conversion() -> None:
    dataset = Dataset()
    dataset.add("web/sessions", session("s", f"{DAY} 12:00:00", MEDIUM="email"))
    dataset.add("salesforce/Task", task(1, f"{DAY} 12:05:00", Type=" ", TaskSubtype="Call"))
    touch = answers(dataset, OWN)["fct_touchpoints"][0]
    assert (touch["touchpoint_type"], touch["is_type_defaulted"], touch["is_conversion"]) == ("Web Visit", True, True)
    assert touch["medium"] == "email"
    inferred = answers(dataset, Variables(own_hosts=("site.com",), blank_call_type_policy="infer"))["fct_touchpoints"][
        0
    ]
    assert (inferred["touchpoint_type"], inferred["marketing_touch_type"]) == ("Call", "Phone Call")


@pytest.mark.parametrize(
    ("columns", "path"),
    [
        ({"LANDING_PAGE_RAW": "http://site.com/?gclid=1&_bt=2&_bn=search"}, "Paid Search.AdWords"),
        ({"REFERRER_PAGE": "https://www.google.com/"}, "Organic Search.Google"),
        ({"LANDING_PAGE_RAW": "http://site.com/?utm_source=Facebook"}, "Social.Facebook"),  # CHN-01
        ({"LANDING_PAGE_RAW": "http://site.com/?utm_medium=social"}, "Social.Other"),
        ({"LANDING_PAGE_RAW": "http://site.com/?utm_source=social"}, "Social.Other"),
        ({"LANDING_PAGE_RAW": "http://site.com/?utm_medium=display"}, "Display.Other"),
        ({"LANDING_PAGE_RAW": "http://site.com/?utm_source=display"}, "Display.Other"),
        ({"LANDING_PAGE_RAW": "http://site.com/?utm_medium=xyz&utm_source=abc"}, "Other"),
        ({"REFERRER_PAGE": "https://blog.site.com/"}, "Direct"),
        ({"REFERRER_PAGE": "https://elsewhere.org/"}, "Other"),
        ({}, "Direct"),
    ],
)
def test_chn_03_default_rows(columns: dict, path: str) -> None:
    assert touch_of(**columns)["channel_path"] == path


def rule(**cells: str) -> dict[str, str]:
    names = ("Channel", "Subchannel", "Campaign", "Medium", "Source", "Landing Page", "Referring Website", "Note")
    return {name: cells.get(name.replace(" ", "_"), "") for name in names}


@pytest.mark.parametrize(
    ("cells", "columns", "matches"),
    [
        ({"Source": "news;blog;press"}, {"SOURCE": "blog"}, True),  # CHN-06
        ({"Source": "news, blog"}, {"SOURCE": "blog"}, False),
        ({"Campaign": "Outbound Call*"}, {"CAMPAIGN": "outbound call Jill"}, True),  # CHN-09
        ({"Medium": "*"}, {}, False),
        ({"Medium": "*"}, {"MEDIUM": "x"}, True),
        ({"Referring_Website": "partner"}, {"REFERRER_PAGE": "https://www.partner.com/a"}, True),
        ({"Referring_Website": "partner.com"}, {"REFERRER_PAGE": "https://partner.com"}, True),
        ({"Referring_Website": "partner"}, {"REFERRER_PAGE": "https://mypartner.com"}, False),
        ({"Referring_Website": "*partner.com/*"}, {"REFERRER_PAGE": "https://mypartner.com/a"}, True),
        ({"Referring_Website": "*partner.com/a*"}, {"REFERRER_PAGE": "https://mypartner.com/a"}, False),
        ({"Referring_Website": "https://partner.com/a*"}, {"REFERRER_PAGE": "https://partner.com/b"}, True),
        ({"Referring_Website": "*/*"}, {"REFERRER_PAGE": "https://partner.com/"}, False),
        ({"Landing_Page": "site.com/demo*"}, {"LANDING_PAGE_RAW": "https://site.com/demo/a?b=c"}, True),
        ({"Landing_Page": "site.com/demo"}, {"LANDING_PAGE_RAW": "https://site.com/demo/?b=c"}, True),
        ({"Landing_Page": "*b=c"}, {"LANDING_PAGE_RAW": "https://site.com/demo?b=c"}, False),
    ],
)
def test_r3_1_cells(cells: dict, columns: dict, matches: bool) -> None:
    dataset = Dataset()
    dataset.add("web/sessions", session("s", f"{DAY} 12:00:00", **columns))
    seeds = Seeds.shipped(channel_rules=[rule(Channel="Mine", **cells)])
    path = answers(dataset, OWN, seeds)["fct_touchpoints"][0]["channel_path"]
    assert (path == "Mine") is matches


def test_chn_13_utm_to_fields() -> None:
    page = "http://www.adobe.com?utm_medium=socialmedia&utm_source =facebook&utm_campaign=seasonal-sale&utm_content=a+b"
    touch = touch_of(LANDING_PAGE_RAW=page)
    assert (touch["medium"], touch["touchpoint_source"]) == ("socialmedia", "facebook")
    assert (touch["ad_campaign_name"], touch["ad_content"], touch["keyword_text"]) == ("seasonal-sale", "a b", None)
    assert touch["ad_campaign_id"] == "__GAId__seasonal-sale"  # CHN-15, DUP-03


def test_r3_4_carry_over() -> None:
    def channels(second: str, third: str, carryover: bool) -> list[str]:
        dataset = Dataset()
        first = {"REFERRER_PAGE": "https://google.com/", "CAMPAIGN": "c"}
        dataset.add("web/sessions", session("1", "2024-11-01 10:00:00", **first))
        dataset.add("web/sessions", session("2", second), session("3", third))
        variables = Variables(own_hosts=("site.com",), session_channel_carryover=carryover)
        return [row["channel_path"] for row in answers(dataset, variables)["fct_touchpoints"]]

    google = "Organic Search.Google"
    assert channels("2024-11-04 10:00:00", "2024-11-11 10:00:00", True) == [google, google, google]  # SES-08
    assert channels("2024-11-08 10:00:00.000001", "2024-11-09 10:00:00", True) == [google, "Direct", "Direct"]  # SES-09
    assert channels("2024-11-02 10:00:00", "2024-11-03 10:00:00", False) == [google, "Direct", "Direct"]  # SES-11


def view_channels(variables: Variables, *views: tuple[str, str | None]) -> list[tuple[str, str]]:
    dataset = Dataset()
    for number, (at, referrer) in enumerate(views):
        row = {"ID": f"p{number}", "COOKIE_ID": COOKIE, "EVENT_DATE": f"{DAY} {at}", "REFERRER_PAGE": referrer}
        dataset.add("web/page_views", row | {"CURRENT_PAGE_RAW": "https://site.com/"})
    return [(row["session_id"], row["channel_path"]) for row in answers(dataset, variables)["fct_touchpoints"]]


def test_r4_1_sessions_from_page_views() -> None:
    google, inside = "https://www.google.com/", "https://www.site.com/a"
    assert view_channels(Variables(), ("10:00:00", google), ("10:05:00", inside), ("10:36:00", inside)) == [
        ("p0", "Organic Search.Google"),
        ("p2", "Direct"),
    ]  # SES-02
    assert view_channels(Variables(), ("10:00:00", "http://linkedin.com"), ("10:01:00", "http://facebook.com")) == [
        ("p0", "Social.LinkedIn"),
        ("p1", "Social.Facebook"),
    ]  # SES-04
    assert len(view_channels(Variables(), ("10:00:00", "http://x.org"), ("10:10:00", None))) == 1  # SES-06
    assert len(view_channels(Variables(), ("10:00:00", None), ("10:30:00", None))) == 1
    assert len(view_channels(Variables(), ("10:00:00", None), ("10:30:00.000001", None))) == 2
    sign_in = (("10:00:00", "http://linkedin.com"), ("10:01:00", "http://accounts.google.com"), ("10:02:00", inside))
    assert len(view_channels(Variables(), *sign_in)) == 2  # SES-12
    assert view_channels(Variables(session_channel_carryover=True), *sign_in) == [("p0", "Social.LinkedIn")]


def test_r4_1_a_form_may_open_a_session() -> None:
    dataset = Dataset()
    dataset.add("web/page_views", session("p", f"{DAY} 10:20:00", CURRENT_PAGE_RAW="x"))
    dataset.add("web/form_submits", form("f", f"{DAY} 10:00:00"))
    touch = answers(dataset, OWN)["fct_touchpoints"][0]
    assert (touch["touchpoint_id"], touch["is_conversion"], touch["landing_page_raw"]) == ("session-form-f", True, "x")


# R5, R6, R7, R8 -----------------------------------------------------------------------------------------------------


def opportunity(amount: object = 10000, created: str = "2020-03-07", closed: str = "2020-05-06") -> dict[str, Any]:
    return {
        "Id": "006000000000001AAA",
        "AccountId": "001000000000001AAA",
        "CreatedDate": f"{created} 00:00:00",
        "CloseDate": closed,
        "IsClosed": "true",
        "IsWon": "true",
        "Amount": amount,
    }


def contact(letter: str, created: str = "2020-01-01", **more: object) -> dict[str, Any]:
    return {
        "Id": f"00300000000000{letter}AAA",
        "Email": f"{letter}@x.com",
        "AccountId": "001000000000001AAA",
        "CreatedDate": f"{created} 00:00:00",
    } | more


def journey(dataset: Dataset, letter: str, *touches: tuple[str, bool]) -> None:
    """Sessions of one person on the given days, with a form or not."""
    for at, has_form in touches:
        dataset.add("web/sessions", session(f"{letter}{at}", f"{at} 12:00:00", cookie=letter))
        if has_form:
            email = f"{letter.upper()}@x.com"
            dataset.add("web/form_submits", form(f"{letter}{at}", f"{at} 12:01:00", letter, EMAIL=email))


def positions(marts: dict, mart: str = "fct_attribution_touchpoints") -> dict[str, str]:
    return {row["touchpoint_id"].removeprefix("session-"): row["touchpoint_position"] for row in marts[mart]}


def test_pos_01_and_02_person_a_and_person_b() -> None:
    dataset = Dataset()
    journey(dataset, "a", ("2019-09-01", False), ("2019-11-20", True), ("2020-03-04", True))
    journey(dataset, "b", ("2019-08-26", False), ("2020-02-20", True), ("2020-05-01", True))
    dataset.add("salesforce/Contact", contact("a"), contact("b"))
    dataset.add("salesforce/Opportunity", opportunity())
    marts = answers(dataset, OWN)
    assert positions(marts) == {
        "b2019-08-26": "FT",
        "a2019-11-20": "LC, Form",
        "b2020-02-20": "Form",
        "a2020-03-04": "OC, Form",
        "b2020-05-01": "Form, Closed",
    }
    credit = by(marts["fct_attribution_touchpoints"], "touchpoint_id")
    assert credit["session-b2020-02-20"]["full_path_percentage"] == 10
    assert credit["session-b2019-08-26"]["full_path_percentage"] == Decimal("22.5")
    assert positions(marts, "fct_buyer_touchpoints")["a2020-03-04"] == "PostLC, Form"


@pytest.mark.parametrize(("mapping", "count"), [("account", 3), ("contact_role", 2), ("primary_contact_role", 1)])
def test_pos_05_mapping(mapping: str, count: int) -> None:
    dataset = Dataset()
    for letter in "abc":
        journey(dataset, letter, ("2020-01-01", True))
        dataset.add("salesforce/Contact", contact(letter))
    for letter, is_primary in (("a", "true"), ("b", "false")):
        role = {"Id": letter, "OpportunityId": "006000000000001AAA", "ContactId": contact(letter)["Id"]}
        dataset.add("salesforce/OpportunityContactRole", role | {"IsPrimary": is_primary})
    dataset.add("salesforce/Opportunity", opportunity())
    marts = answers(dataset, Variables(own_hosts=("site.com",), attribution_mapping=mapping))
    assert len(marts["fct_attribution_touchpoints"]) == count


def test_dup_01_two_records_with_one_address() -> None:
    dataset = Dataset()
    journey(dataset, "a", ("2014-01-15", False), ("2016-11-29", True), ("2018-06-20", True))
    dataset.add("salesforce/Contact", contact("a"))
    dataset.add("salesforce/Lead", {"Id": "00Q000000000001AAA", "Email": "A@X.com "})
    rows = answers(dataset, OWN)["fct_buyer_touchpoints"]
    assert sorted(row["touchpoint_position"] for row in rows) == ["FT"] * 2 + ["LC, Form"] * 2 + ["PostLC, Form"] * 2
    assert sum(row["u_shaped_count"] for row in rows) == 2


def call_journey(integration: bool) -> dict[str, str]:
    dataset = Dataset()
    journey(dataset, "a", ("2020-01-01", False), ("2020-01-02", False), ("2020-01-03", True))
    dataset.add("salesforce/Task", task(1, "2020-01-02 12:10:00", "a", WhoId=contact("a")["Id"]))
    dataset.add("salesforce/Contact", contact("a"))
    variables = Variables(own_hosts=("site.com",), call_tracking=integration)
    return positions(answers(dataset, variables), "fct_buyer_touchpoints")


def test_call_01_and_02_before_and_after() -> None:
    assert call_journey(False) == {"a2020-01-01": "FT", "a2020-01-03": "LC, Form"}
    assert call_journey(True) == {"a2020-01-01": "FT", "a2020-01-02": "LC, Form", "a2020-01-03": "PostLC, Form"}


def test_r5_1_a_call_makes_its_caller_known() -> None:
    dataset = Dataset()
    journey(dataset, "a", ("2020-01-01", False))
    dataset.add("salesforce/Task", task(1, "2020-02-01 00:00:00", "a", WhoId=contact("b")["Id"]))
    dataset.add("salesforce/Contact", contact("b"))
    rows = answers(dataset, OWN)["fct_person_touchpoints"]
    assert {(row["email"], row["known_by"]) for row in rows} == {("b@x.com", "call")} and len(rows) == 2


def test_r5_2_a_converted_lead_is_its_contact() -> None:
    dataset = Dataset()
    journey(dataset, "a", ("2020-01-01", True))
    dataset.add("salesforce/Contact", contact("b", created="2020-02-01"))
    lead = {"Id": "00Q000000000001AAA", "Email": "a@x.com", "ConvertedContactId": contact("b")["Id"]}
    dataset.add("salesforce/Lead", lead)
    assert [row["contact_id"] for row in answers(dataset, OWN)["fct_buyer_touchpoints"]] == [contact("b")["Id"]]


def test_ses_23_plain_visits_only_at_milestones() -> None:
    dataset = Dataset()
    days = [(f"2020-01-0{number}", number == 3) for number in range(1, 6)]
    journey(dataset, "a", *days)
    dataset.add("salesforce/Contact", contact("a"))
    dataset.add("salesforce/Opportunity", opportunity(created="2020-01-06", closed="2020-01-07"))
    expected = {"a2020-01-01": "FT", "a2020-01-03": "LC, Form", "a2020-01-05": "OC, Closed"}
    assert positions(answers(dataset, OWN)) == expected


def test_mod_07_related_list() -> None:
    dataset = Dataset()
    journey(dataset, "a", ("2015-12-01", False))
    journey(dataset, "b", ("2016-10-31", True), ("2016-11-09", True))
    journey(dataset, "c", ("2017-03-15", True))
    journey(dataset, "d", ("2017-04-03", False))
    dataset.add("web/email_to_visitor_ids", {"ID": "1", "EMAIL": "a@x.com", "VISITOR_ID": "v_a"})
    dataset.add("web/email_to_visitor_ids", {"ID": "2", "EMAIL": "d@x.com", "VISITOR_ID": "v_d"})
    dataset.add("salesforce/Contact", *(contact(letter, created="2015-01-01") for letter in "abcd"))
    dataset.add("salesforce/Opportunity", opportunity(amount=500, created="2017-04-04", closed="2017-04-04"))
    rows = answers(dataset, OWN)["fct_attribution_touchpoints"]
    assert [row["w_shaped_percentage"] for row in rows] == [30, 30, 5, 5, 30]
    assert [row["w_shaped_revenue"] for row in rows] == [150, 150, 25, 25, 150]


def test_mod_03_and_04_kate_and_austin() -> None:
    dataset = Dataset()
    journey(dataset, "a", ("2020-01-01", False))
    journey(dataset, "b", ("2020-01-02", True))
    dataset.add("web/email_to_visitor_ids", {"ID": "1", "EMAIL": "a@x.com", "VISITOR_ID": "a"})
    # A contact without a conversion holds an LC as soon as he visited before he was created (R6.1): Kate did not.
    dataset.add("salesforce/Contact", contact("a", created="2019-01-01"), contact("b"))
    dataset.add("salesforce/Opportunity", opportunity())
    rows = answers(dataset, OWN)["fct_attribution_touchpoints"]
    assert [row["first_touch_percentage"] for row in rows] == [100, 0]
    assert [row["lead_creation_percentage"] for row in rows] == [0, 100]
    assert [row["u_shaped_percentage"] for row in rows] == [50, 50]


def test_mod_13_tiny_middle_shares() -> None:
    dataset = Dataset()
    start = datetime(2020, 1, 1)
    for number in range(702):
        at = (start + timedelta(hours=number)).isoformat(" ")
        dataset.add("web/sessions", session(f"{number:03}", at, cookie="a"))
        dataset.add("web/form_submits", form(f"{number:03}", at, "a", EMAIL="a@x.com"))
    dataset.add("salesforce/Contact", contact("a"))
    dataset.add("salesforce/Opportunity", opportunity(amount="-0.10"))
    rows = answers(dataset, OWN)["fct_attribution_touchpoints"]
    assert rows[1]["full_path_percentage"] == Decimal("0.014285714286")  # 10 / 700
    for model in ("first_touch", "lead_creation", "u_shaped", "w_shaped", "full_path", "custom"):
        assert sum(row[f"{model}_percentage"] for row in rows) == 100
        assert sum(row[f"{model}_revenue"] for row in rows) == Decimal("-0.10")


def stage_seeds() -> Seeds:
    stages = [("MQL", "Lead", 1), ("SQL", "Lead", 2), ("Demo", "Opportunity", 1), ("Deal", "Opportunity", 2)]
    rows = [{"stage": stage, "object": name, "stage_order": str(order)} for stage, name, order in stages]
    return Seeds.shipped(stages=rows)


def test_r7_4_stages() -> None:
    dataset = Dataset()
    journey(dataset, "a", ("2020-01-01", True), ("2020-01-03", False), ("2020-01-05", True), ("2020-01-07", False))
    dataset.add("salesforce/Contact", contact("a"))
    lead = {"Id": "00Q000000000001AAA", "Email": "a@x.com", "ConvertedContactId": contact("a")["Id"]}
    dataset.add("salesforce/Lead", lead)
    history = {"Id": "h", "LeadId": lead["Id"], "Field": "Status", "NewValue": "SQL"}
    dataset.add("salesforce/LeadHistory", history | {"CreatedDate": "2020-01-04 00:00:00"})
    entered = {"Id": "o", "OpportunityId": "006000000000001AAA", "StageName": "Deal"}
    dataset.add("salesforce/OpportunityHistory", entered | {"CreatedDate": "2020-01-06 00:00:00"})
    dataset.add("salesforce/Opportunity", opportunity(created="2020-01-04"))
    marts = answers(dataset, OWN, stage_seeds())
    assert positions(marts) == {
        "a2020-01-01": "FT, LC, Form",
        "a2020-01-03": "MQL, SQL, OC",
        "a2020-01-05": "Demo, Deal, Form",  # POS-12: a stage without weight, a form: a middle touch
        "a2020-01-07": "Closed",
    }
    assert [row["is_middle_touch"] for row in marts["fct_attribution_touchpoints"]] == [False, False, True, False]
    assert positions(marts, "fct_buyer_touchpoints")["a2020-01-03"] == "MQL, SQL"


def test_r8_3_largest_remainder() -> None:
    third = [Fraction(100, 3)] * 3
    assert split(100, third) == [34, 33, 33]
    assert split(200, third) == [67, 67, 66]
    assert cents(Fraction("0.005")) == Decimal("0.01") and cents(Fraction("-0.005")) == Decimal("-0.01")


@pytest.mark.parametrize(
    ("close", "amount"), [("2023-01-31", Decimal("50.00")), ("2023-02-01", Decimal("25.00")), ("2023-03-01", None)]
)
def test_r8_5_dated_rates(close: str, amount: Decimal | None) -> None:
    dataset = Dataset()
    journey(dataset, "a", ("2020-01-01", True))
    dataset.add("salesforce/Contact", contact("a"))
    dataset.add("salesforce/Opportunity", opportunity(amount=100, closed=close) | {"CurrencyIsoCode": "EUR"})
    spans = [("1", "2", "2023-01-01", "2023-02-01"), ("2", "4", "2023-02-01", "2023-03-01")]
    for identifier, rate, start, end in spans:
        row = {"Id": identifier, "IsoCode": "EUR", "ConversionRate": rate, "StartDate": start, "NextStartDate": end}
        dataset.add("salesforce/DatedConversionRate", row)
    (row,) = answers(dataset, OWN)["fct_attribution_touchpoints"]
    assert row["w_shaped_revenue"] == amount and row["w_shaped_percentage"] == 100


def test_r19_1_and_r19_2_what_is_behind_a_touch() -> None:
    """The cases R19-1 and R19-2: each row behind the touch was changed later; the form came before the call."""
    dataset = Dataset()
    dataset.add("web/sessions", session("s", f"{DAY} 12:00:00", MODIFIED_DATE="2024-01-01", HAS_CRM_ACTIVITY="false"))
    dataset.add("salesforce/Task", task(1, f"{DAY} 12:10:00", SystemModstamp="2024-02-01", WhoId=contact("a")["Id"]))
    dataset.add("salesforce/Contact", contact("a") | {"SystemModstamp": "2024-03-01", "Own__c": " ", "Tier__c": "Gold"})
    merged = work_out(dataset, OWN, Seeds.shipped())
    assert [row["MODIFIED_DATE"] for row in biz.biz_user_touchpoints(merged)] == [datetime(2024, 2, 1)]
    assert [row["MODIFIED_DATE"] for row in biz.biz_touchpoints(merged)] == [datetime(2024, 3, 1)]
    assert [row["CUSTOM_PROPERTIES"] for row in biz.biz_contacts(merged)] == ['{"Tier__c":"Gold"}']
    dataset.add("web/form_submits", form("f", f"{DAY} 12:05:00"))
    secondary = work_out(dataset, OWN, Seeds.shipped())
    assert [call.verdict for call in secondary.touched.calls] == ["merged_secondary"]
    assert [row["HAS_CRM_ACTIVITY"] for row in biz.biz_sessions(secondary)] == [True]
    assert [row["MODIFIED_DATE"] for row in biz.biz_sessions(secondary)] == [datetime(2024, 1, 1)]
