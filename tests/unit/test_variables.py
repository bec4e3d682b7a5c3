"""Variables: what a wrong value says, and names of fields of the user's own tables."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.build import dbt
from orchestration.lib.build.dbt import DbtError
from orchestration.lib.settings import PROJECT_DIR
from tests.harness import Project, settings_in

LADDER = {"call_time_ladder": ["Call_Start__c", "CreatedDate"]}
TASK = {"Id": "00T000000000001EAA", "bizible2__BizibleId__c": "c", "CreatedDate": "2024-01-01T12:10:00Z"}
SESSION = {"ID": "s", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01 12:00:00"}


def test_r1_3_a_custom_field_for_call_times_in_any_spelling(project: Project) -> None:
    """The variable spells a custom field as the API does, the export as its loader does."""
    project.write("web/sessions", [SESSION])
    project.write("salesforce/Task", [TASK | {"call_start_c": "2024-01-01 12:05:00"}])
    project.land()
    project.build(select=["+int_calls__tasks"], variables=LADDER)
    (call,) = project.query("select * from warehouse.intermediate.int_calls__tasks")
    assert str(call["called_at"]) == "2024-01-01 12:05:00"
    assert call["called_at_source"] == "Call_Start__c"


def test_r1_3_a_field_that_the_table_lacks_stops_the_run(project: Project) -> None:
    project.write("web/sessions", [SESSION])
    project.write("salesforce/Task", [TASK])
    project.land()
    with pytest.raises(
        DbtError, match="'call_time_ladder' names the field 'Call_Start__c', but salesforce/Task has no"
    ):
        project.build(select=["stg_salesforce__tasks"], variables=LADDER)


@pytest.mark.parametrize("field", ["ActivityDate", "activity_date"])
def test_r1_3_the_due_date_is_no_time_in_any_spelling(project: Project, field: str) -> None:
    project.write("web/sessions", [SESSION])
    project.write("salesforce/Task", [TASK])
    project.land()
    with pytest.raises(DbtError, match="ActivityDate is a date"):
        project.build(select=["stg_salesforce__tasks"], variables={"call_time_ladder": [field, "CreatedDate"]})


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A session and a Task, landed; no build of these tests gets further than its first hook."""
    project = Project(tmp_path_factory.mktemp("landed"))
    project.write("web/sessions", [SESSION])
    project.write("salesforce/Task", [TASK])
    project.land()
    return project


@pytest.mark.parametrize(
    ("name", "value", "shown", "allowed"),
    [
        ("call_session_window_minutes", "half an hour", '"half an hour"', "a whole number of minutes from 0 to 525600"),
        ("call_session_window_minutes", -1, "-1", "a whole number of minutes from 0 to 525600"),
        ("session_timeout_minutes", 0, "0", "a whole number of minutes from 1 to 525600"),
        ("session_timeout_minutes", True, "true", "a whole number of minutes from 1 to 525600"),
        ("call_session_window_anchor", "start", '"start"', "session_start, last_activity"),
        ("call_tracking_objects", ["Event"], r'\["Event"\]', r"\[Task\], \[Task, Event\]"),
        ("bizible_id_pattern", "[0-9a-f", '"\\[0-9a-f"', "a pattern of letters"),
        ("tracker_cookie_column", "a b", '"a b"', "the name of the column of the tracker"),
        ("web_tracker", "matomo", '"matomo"', "marketo_measure, snowplow, segment, rudderstack, ga4, generic"),
        ("publish_phone_numbers", "yes", '"yes"', "true, false"),
        ("dedupe_calls", "false", '"false"', "true, false"),
        ("dedupe_calls", 1, "1", "true, false"),
        ("attribution_mapping", None, "null", "account, contact_role, primary_contact_role"),
        ("call_time_ladder", "CreatedDate", '"CreatedDate"', "a list of at least one of the Task fields"),
        ("call_time_ladder", [], r"\[\]", "a list of at least one of the Task fields"),
        ("own_hosts", ["a.com; drop table"], r'\["a.com; drop table"\]', "a list of host names"),
    ],
)
def test_a_wrong_value_stops_the_run_with_the_allowed_ones(
    landed: Project, name: str, value: Any, shown: str, allowed: str
) -> None:
    with pytest.raises(DbtError, match=f"Variable '{name}' is {shown}. Allowed: {allowed}"):
        landed.build(select=["int_calls__task_types"], variables={name: value})


def test_a_text_in_place_of_a_number_stops_the_parse_with_the_same_message(tmp_path: Path) -> None:
    """dbt renders every model before a run's first hook: the first macro that computes with the value met it before."""
    copy = tmp_path / "project"
    for folder in ("models", "macros", "seeds", "tests/generic"):
        shutil.copytree(PROJECT_DIR / folder, copy / folder)
    for name in dbt.PROJECT_FILES:
        shutil.copy(PROJECT_DIR / name, copy)
    file = copy / "dbt_project.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("call_session_window_minutes: 30", "call_session_window_minutes: half an hour"))
    message = r"'call_session_window_minutes' is \"half an hour\"\. Allowed: a whole number of minutes from 0"
    with pytest.raises(DbtError, match=message) as error:
        dbt.check_variables(replace(settings_in(tmp_path), project_dir=copy))
    assert "> in macro" not in str(error.value)


def test_what_no_call_can_have_ends_no_run(project: Project) -> None:
    """A length of 50,000 years and a page view of the year 9999: one is none, the other costs nothing (R1.9)."""
    project.write("web/sessions", [SESSION])
    project.write(
        "web/page_views",
        [
            {
                "ID": "p",
                "COOKIE_ID": "c",
                "SESSION_ID": "s",
                "EVENT_DATE": "9999-12-31 00:00:00",
                "CURRENT_PAGE_RAW": "x",
            }
        ],
    )
    project.write("web/form_submits", [{"ID": "f", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01 12:20:00"}])
    project.write("salesforce/Task", [TASK | {"CallDurationInSeconds": "1535394625000"}])
    project.land()
    project.build(select=["+fct_calls", "+fct_touchpoints"])
    assert project.query("select verdict, call_duration_seconds from fct_calls") == [
        {"verdict": "merged", "call_duration_seconds": None}
    ]
    assert project.query("select session_id from warehouse.intermediate.int_sessions__assigned_forms") == [
        {"session_id": "s"}
    ]
