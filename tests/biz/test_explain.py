"""The explanations in the published file (`explain_call` and the like)."""

from datetime import datetime

import pytest

from tests.biz import dataset
from tests.harness import Project


def explanation(built: Project, macro: str, id: str) -> list[dict]:
    rows = built.query_published(f"select * from {macro}(?)", [id])
    steps = list(dict.fromkeys(row["step"] for row in rows))
    assert steps == list(range(1, len(steps) + 1))
    return rows


def sections(rows: list[dict]) -> list[str]:
    return list(dict.fromkeys(row["section"] for row in rows))


def text_of(rows: list[dict], section: str) -> str:
    return " ".join(row["story"] for row in rows if row["section"] == section)


@pytest.mark.parametrize("id", [dataset.MERGED, dataset.MERGED[:15], f" {dataset.MERGED} "])
def test_the_story_of_a_merged_call_goes_from_the_task_to_the_credit(built: Project, id: str) -> None:
    rows = explanation(built, "explain_call", id)
    assert sections(rows) == [
        "task",
        "time of the call",
        "session",
        "verdict",
        "touchpoint",
        "person",
        "position",
        "credit",
        "what to do",
    ]
    near, far = [row for row in rows if row["section"] == "session"]
    assert (near["reference"], near["distance_seconds"]) == (dataset.FIRST, 720)
    assert "the call belongs to it" in near["story"]
    assert far["reference"] == dataset.SECOND
    assert far["distance_seconds"] < 0
    assert "merged" in [row["reference"] for row in rows]
    assert {row["reference"] for row in rows if row["section"] == "person"} == {
        "anna@acme-customer.test",
        "anna.private@mail.test",
    }
    assert "FT, LC, Form" in text_of(rows, "position")
    assert "Freezers (won)" in text_of(rows, "credit")
    assert text_of(rows, "what to do").startswith("Nothing")


def test_a_call_outside_the_window_says_how_far_and_what_to_look_at(built: Project) -> None:
    rows = explanation(built, "explain_call", dataset.SEPARATE)
    assert [row["distance_seconds"] for row in rows if row["section"] == "session"] == [3600]
    assert "its window had closed" in text_of(rows, "session")
    assert "whole number of hours" in text_of(rows, "what to do")
    assert dataset.LEAD in text_of(rows, "position")


def test_a_call_without_an_id_is_for_the_provider(built: Project) -> None:
    rows = explanation(built, "explain_call", dataset.WITHOUT_ID)
    assert sections(rows) == ["task", "verdict", "what to do"]
    assert "bizible2__BizibleId__c" in text_of(rows, "what to do")


@pytest.mark.parametrize("macro", ["explain_call", "explain_touchpoint", "explain_opportunity"])
@pytest.mark.parametrize("id", ["00TX00000000001", "", "it's", "💥"])
def test_an_unknown_id_is_an_answer_too(built: Project, macro: str, id: str) -> None:
    rows = explanation(built, macro, id)
    assert [(row["section"], row["reference"]) for row in rows] == [("not found", id)]
    assert "Event" not in rows[0]["story"]


@pytest.mark.parametrize("id", [f"session-{dataset.FIRST}", dataset.FIRST, dataset.MERGED])
def test_the_story_of_a_touchpoint(built: Project, id: str) -> None:
    rows = explanation(built, "explain_touchpoint", id)
    assert sections(rows) == ["touchpoint", "channel", "call", "person", "position", "credit"]
    assert "Google AdWords" in text_of(rows, "channel")


def test_the_story_of_an_opportunity_adds_up(built: Project) -> None:
    rows = explanation(built, "explain_opportunity", dataset.OPPORTUNITY)
    assert sections(rows) == ["opportunity", "touch", "sum"]
    assert "full path 100.00 % = 5000000000.00" in text_of(rows, "sum")


def test_an_opportunity_without_touches_says_why(built: Project) -> None:
    rows = explanation(built, "explain_opportunity", dataset.LOST)
    assert sections(rows) == ["opportunity", "unattributed"]
    assert "no account" in text_of(rows, "unattributed")


def test_every_fact_can_be_explained(built: Project) -> None:
    tasks = built.query_published("select crm_task_id from fct_calls")
    for task in tasks:
        rows = explanation(built, "explain_call", task["crm_task_id"])
        assert all(row["story"] for row in rows)
        assert rows[-1]["section"] == "what to do"


def test_the_story_of_a_call_on_an_event(project: Project) -> None:
    """R12.9: with calls on Events, all texts mention Events and their ids; without them, none does."""
    cookie = "277d79d01678498fea067c9b631bf6df"
    project.write("web/sessions", [{"ID": "s", "COOKIE_ID": cookie, "EVENT_DATE": "2024-05-06 12:00:00"}])
    project.write("salesforce/Task", [{"Id": "00T000000000001AAA", "bizible2__BizibleId__c": ""}])
    project.write("salesforce/Contact", [{"Id": "003000000000001AAA", "Email": "ann@acme.test"}])
    event = {"Id": "00U000000000001AAA", "Type": "Call", "WhoId": "003000000000001AAA"}
    event |= {"StartDateTime": "2024-05-06T12:05:00Z", "CreatedDate": "2024-05-01T09:00:00Z"}
    project.write("salesforce/Event", [event | {"bizible2__BizibleId__c": cookie}])
    project.write_variables(call_tracking_objects=["Task", "Event"])
    project.land()
    project.build(select=["+docs_columns"])
    project.publish()

    first = explanation(project, "explain_call", event["Id"])[0]
    assert (first["section"], str(first["happened_at"])) == ("event", "2024-05-01 09:00:00")
    assert first["story"].startswith("Event of type 'Call', for 003000000000001AAA (ann@acme.test). BizibleId")
    assert sections(explanation(project, "explain_call", "00T000000000001AAA"))[0] == "task"
    missing = text_of(explanation(project, "explain_call", "00U000000000009AAA"), "not found")
    assert missing.startswith("No Task or Event with this id has been landed.") and "Event ids with 00U" in missing
    described = project.query_published("select comment from duckdb_functions() where function_name = 'explain_call'")
    assert described[0]["comment"].startswith("Traces one Salesforce Task or Event: ")


def test_the_stories_of_deleted_calls_campaign_members_and_late_touches(project: Project) -> None:
    cookie, contact = "277d79d01678498fea067c9b631bf6df", "003000000000001AAA"
    session = {"COOKIE_ID": cookie, "LANDING_PAGE_RAW": "https://own.test/"}
    project.write(
        "web/sessions",
        [
            session | {"ID": "s1", "EVENT_DATE": "2024-05-06 12:00:00"},
            session | {"ID": "s2", "EVENT_DATE": "2024-05-06 12:02:00"},
        ],
    )
    form = {"COOKIE_ID": cookie, "EMAIL": "ann@acme.test"}
    project.write(
        "web/form_submits",
        [
            form | {"ID": "f1", "SESSION_ID": "s1", "EVENT_DATE": "2024-05-06 12:01:00"},
            form | {"ID": "f2", "SESSION_ID": "s2", "EVENT_DATE": "2024-05-06 12:03:00"},
        ],
    )
    call = {"Id": "00T000000000001AAA", "bizible2__BizibleId__c": cookie, "Type": "Call", "IsDeleted": "true"}
    demo = {"Id": "00T000000000002AAA", "Subject": "Demo", "WhoId": contact, "CreatedDate": "2024-05-08T09:00:00Z"}
    project.write("salesforce/Task", [call | {"CreatedDate": "2024-05-06T12:05:00Z", "WhoId": contact}, demo])
    project.write_seed(
        "activity_rules",
        "object,rule,box,field,operator,value,campaign_name,touchpoint_date\n"
        "Task,1,,Task.Subject,is equal to,Demo,Demos,Task.CreatedDate\n",
    )
    project.write("salesforce/Contact", [{"Id": contact, "Email": "ann@acme.test", "AccountId": "001000000000001AAA"}])
    project.write("salesforce/Account", [{"Id": "001000000000001AAA", "Name": "Acme"}])
    sync = {"bizible2__Bizible_Attribution_SyncType__c": "Include_All"}
    project.write("salesforce/Campaign", [{"Id": "701000000000001AAA", "Name": "Fair", "Type": "Fair"} | sync])
    member = {"Id": "00v000000000001AAA", "CampaignId": "701000000000001AAA", "ContactId": contact}
    project.write("salesforce/CampaignMember", [member | {"CreatedDate": "2024-05-07T09:00:00Z"}])
    closed = {"Id": "006000000000001AAA", "AccountId": "001000000000001AAA", "IsClosed": "true", "IsWon": "true"}
    project.write(
        "salesforce/Opportunity",
        [
            closed | {"Amount": "100", "CreatedDate": "2024-04-01T00:00:00Z", "CloseDate": "2024-05-01"},
            closed | {"Id": "006000000000002AAA", "CreatedDate": "2024-06-01T00:00:00Z", "CloseDate": "2024-06-02"},
        ],
    )
    project.write(
        "salesforce/CurrencyType",
        [{"Id": "01L000000000001AAA", "IsoCode": "EUR", "ConversionRate": "1", "IsCorporate": "true"}],
    )
    cost = {"AD_PROVIDER": "Google", "CHANNEL_NAME": "Paid.Ads", "CAMPAIGN_UNIQUE_ID": "c1", "COST_IN_MICRO": "1000000"}
    project.write(
        "spend/ad_costs",
        [
            cost | {"ID": "1", "COST_DATE": "2024-05-01", "CAMPAIGN_NAME": "Good", "MODIFIED_DATE": "2024-05-02"},
            cost
            | {"ID": "2", "COST_DATE": "2024-05-01", "CAMPAIGN_NAME": "Typo", "MODIFIED_DATE": "2024-05-03"}
            | {"_DELETED_DATE": "2024-05-03"},
            cost | {"ID": "3", "COST_DATE": "2040-01-01", "CAMPAIGN_NAME": "Planned"},
        ],
    )
    project.land()
    project.build()
    project.publish()

    sessions = [row["story"] for row in explanation(project, "explain_call", call["Id"]) if row["section"] == "session"]
    assert len(sessions) == 2
    assert all(story.endswith(", and its window contains the call.") for story in sessions)

    for id in (f"member-{member['Id']}", member["Id"], member["Id"][:15]):
        rows = explanation(project, "explain_touchpoint", id)
        assert text_of(rows, "touchpoint") == "CRM Campaign of the campaign member 00v000000000001AAA."
        assert "known by the Lead or Contact that the record names" in text_of(rows, "person")

    activity = explanation(project, "explain_call", demo["Id"])
    assert "A rule of activity_rules made a touch of it, from " in text_of(activity, "touchpoint")
    rows = explanation(project, "explain_touchpoint", demo["Id"])
    assert text_of(rows, "touchpoint") == "CRM Activity of the Task 00T000000000002AAA."

    unattributed = text_of(explanation(project, "explain_opportunity", closed["Id"]), "unattributed")
    assert unattributed == "It has no touches: its Contacts have touches after the close only."

    # R17.3: a blank currency is the corporate one. R1.10: a deleted cost does not name its campaign.
    assert (
        project.query_published(
            "select o.CURRENCY_ISO_CODE as code, c.ISO_CODE as named from biz_opportunities as o"
            " inner join biz_currencies as c on o.CURRENCY_ID = c.ID"
        )
        == [{"code": None, "named": "EUR"}] * 2
    )
    names = project.query_published("select NAME, MODIFIED_DATE, IS_DELETED from biz_ad_campaigns where ID = 'c1'")
    assert names == [{"NAME": "Good", "MODIFIED_DATE": datetime(2024, 5, 2), "IS_DELETED": False}]

    # The second form and the member hold no stage, so they have no neighbours.
    others = project.query_published(
        "select STAGE, PREVIOUS_STAGE_DATE as before, NEXT_STAGE_DATE as after from biz_opp_stage_transitions"
        " where IS_NON_TRANSITIONAL"
    )
    assert others == [{"STAGE": None, "before": None, "after": None}] * 2
