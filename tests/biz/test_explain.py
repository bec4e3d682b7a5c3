"""The explanations in the published file (`explain_call` and the like)."""

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
