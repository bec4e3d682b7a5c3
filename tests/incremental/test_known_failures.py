"""Known failures of incremental builds in other packages, each as a small scenario with its expected answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.incremental.change_scenarios import (
    DELETED,
    ONE,
    OWN,
    PLACEHOLDER,
    TWO,
    Landed,
    crm,
    email,
    form,
    lead,
    mapping,
    member,
    session,
    stamped,
    task,
    view,
    won_account,
)
from tests.incremental.full_refreshes import Observed, differences
from tests.oracle import Dataset
from tests.properties.datasets import numbered

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Failure:
    """What arrives before the full refresh and before two incremental builds, and what there is to see at the end."""

    arrivals: tuple[list[Landed], list[Landed], list[Landed]]
    answers: dict[str, list[tuple[Any, ...]]]


VISIT, FORM = view("1", ONE, "2024-05-01 10:00:00"), form("k", ONE, "2024-05-01 10:05:00", email("p"))

FAILURES = {
    "rows outside a look-back are dropped": Failure(
        (
            [*won_account("p"), VISIT, FORM],
            [view("old", ONE, "2011-01-01 00:00:00")],
            [task("t", ONE, "2011-01-01T00:10:00Z")],
        ),
        {
            """
            select touchpoint_id, touchpoint_position, cast(w_shaped_percentage as varchar)
            from fct_attribution_touchpoints where opportunity_id like '%{dataset}%' order by touchpoint_id
            """: [
                ("session-p1-{dataset}", "OC, Form, Closed", "33.333333333333"),
                ("session-pold-{dataset}", "FT, LC, Form", "66.666666666667"),
            ]
        },
    ),
    "a session number starts again": Failure(
        (
            [*won_account("p"), VISIT, FORM],
            [view("2", ONE, "2024-05-01 10:20:00"), view("4", ONE, "2024-05-01 12:00:00")],
            [view("3", ONE, "2024-05-01 10:45:00")],
        ),
        {
            "select touchpoint_id from fct_touchpoints where touchpoint_id like '%{dataset}%' order by 1": [
                ("session-p1-{dataset}",),
                ("session-p4-{dataset}",),
            ],
            """
            select touchpoint_id, touchpoint_position, u_shaped_count
            from fct_buyer_touchpoints where touchpoint_id like '%{dataset}%'
            """: [("session-p1-{dataset}", "FT, LC, Form", 1)],
        },
    ),
    "one row from next year stops all further incremental builds": Failure(
        (
            [*won_account("p"), VISIT, FORM],
            [view("9", ONE, "9999-12-31 23:59:59"), task("9", ONE, "2999-01-01T00:00:00Z")],
            [view("2", ONE, "2024-05-02 10:00:00"), task("2", ONE, "2024-05-02T10:10:00Z")],
        ),
        {
            """
            select touchpoint_id, touchpoint_type from fct_touchpoints where cookie_id like '{dataset}%' order by 1
            """: [
                ("session-p1-{dataset}", "Web Form"),
                ("session-p2-{dataset}", "Call"),
                ("session-p9-{dataset}", "Web Visit"),
                ("task-00T{dataset}00009EAA", "Call"),
            ],
        },
    ),
    "a visitor's only call is deleted and its row stays": Failure(
        (
            [*won_account("p"), task("t", ONE, "2024-05-01T10:00:00Z", WhoId=crm("003", "p"))],
            [task("t", ONE, "2024-05-01T10:00:00Z", WhoId=crm("003", "p"), **DELETED)],
            [],
        ),
        {
            "select touchpoint_id from fct_touchpoints where cookie_id like '{dataset}%'": [],
            "select touchpoint_id from fct_person_touchpoints where email like '%{dataset}%'": [],
            "select touchpoint_id from fct_buyer_touchpoints where email like '%{dataset}%'": [],
            "select touchpoint_id from fct_attribution_touchpoints where opportunity_id like '%{dataset}%'": [],
            "select verdict, touchpoint_id from fct_calls where who_id like '%{dataset}%'": [("none_deleted", None)],
        },
    ),
    "rows with a null key are doubled": Failure(
        (
            [
                lead("l"),
                VISIT,
                form("l", ONE, "2024-05-01 10:05:00", email("l")),
                view("n", None, "2024-05-01 10:00:00"),
            ],
            [
                task("t", None, "2024-05-01T10:00:00Z"),
                form("n", None, "2024-05-01 10:06:00", email("l"), SESSION_ID="none"),
            ],
            [
                task("t", " ", "2024-05-01T10:01:00Z"),
                view("n", "", "2024-05-01 10:01:00"),
                form("l", ONE, "2024-05-01 10:07:00", email("l")),
            ],
        ),
        {
            "select verdict from fct_calls where crm_task_id like '%{dataset}%'": [("none_without_bizible_id",)],
            "select touchpoint_position from fct_buyer_touchpoints where lead_id like '%{dataset}%'": [
                ("FT, LC, Form",)
            ],
            'select "ID" from biz_page_views where "ID" like \'%{dataset}%\' order by 1': [
                ("p1-{dataset}",),
                ("pn-{dataset}",),
            ],
            'select "ID" from biz_form_submits where "ID" like \'%{dataset}%\' order by 1': [
                ("fl-{dataset}",),
                ("fn-{dataset}",),
            ],
        },
    ),
}


SESSION = {"ID": f"s1-{PLACEHOLDER}", "SESSION_ID": f"s1-{PLACEHOLDER}"}
# With sessions of the source: these are faults of our own.
FAILURES_WITH_SESSIONS = {
    "a session loses its visitor when its first page view lands, which has its id": Failure(
        (
            [
                *won_account("p"),
                session("1", ONE, "2024-05-01 10:00:00", VISITOR_ID=f"v_{TWO}", LANDING_PAGE_RAW=OWN),
                task("t", None, "2024-05-01T10:00:00Z"),
            ],
            [view("1", ONE, "2024-05-01 10:00:00", **SESSION)],
            [mapping("m", TWO, email("p"))],
        ),
        {
            "select touchpoint_id from fct_person_touchpoints where email like '%{dataset}%'": [
                ("session-s1-{dataset}",)
            ],
        },
    ),
    "a person loses their touches when an owner is named by the id of a Contact": Failure(
        (
            [
                *won_account("p"),
                session("1", ONE, "2024-05-01 10:00:00"),
                form("k", ONE, "2024-05-01 10:05:00", email("p")),
            ],
            [
                task("t", None, "2024-05-02T10:00:00Z", OwnerId=crm("003", "p")),
                member("m", "x", CampaignId=crm("003", "p")),
            ],
            [],
        ),
        {
            "select touchpoint_position from fct_buyer_touchpoints where touchpoint_id like '%{dataset}%'": [
                ("FT, LC, Form",)
            ],
        },
    ),
}


@pytest.mark.parametrize("failures", [FAILURES, FAILURES_WITH_SESSIONS], ids=["page views", "sessions"])
def test_known_failures(tmp_path: Path, subtests: pytest.Subtests, failures: dict[str, Failure]) -> None:
    """All of them side by side, in one full refresh and two incremental builds."""
    project = Observed(tmp_path)
    for step in range(3):
        dataset = Dataset()
        for number, failure in enumerate(failures.values()):
            of_one = Dataset()
            for table, row in failure.arrivals[step]:
                of_one.add(table, stamped(table, row, step))
            for path, rows in numbered(of_one, number).files.items():
                dataset.add(path.rsplit("/", 1)[0], *rows)
        for path, rows in dataset.files.items():
            project.write(path.rsplit("/", 1)[0], rows, "jsonl")
        project.land()
        project.build_incrementally()
        assert project.plan.kind == ("incremental" if step else "full"), project.plan.reason
    assert not differences(project.marts(), project.full_refresh())
    for number, (name, failure) in enumerate(failures.items()):
        with subtests.test(name):
            for sql, expected in failure.answers.items():
                rows = project.query(in_dataset(sql, number))
                assert [tuple(row.values()) for row in rows] == [
                    tuple(in_dataset(cell, number) for cell in row) for row in expected
                ], sql


def in_dataset(value: Any, number: int) -> Any:
    return value.replace("{dataset}", f"e{number:05}e") if isinstance(value, str) else value
