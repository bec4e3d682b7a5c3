"""The provider's log against Salesforce: from files to rpt_call_provider_reconciliation, one case a finding."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.harness import Project

Row = dict[str, Any]

COOKIE = "277d79d01678498fea067c9b631bf6df"


def task(number: int, created: str, **fields: Any) -> Row:
    return {
        "Id": f"00T{number:015d}",
        "IsDeleted": "false",
        "CreatedDate": created,
        "SystemModstamp": created,
        "TaskSubtype": "Call",
        "bizible2__BizibleId__c": COOKIE,
        "bizible2__Bizible_Touchpoint_Date__c": "",
        "CallObject": "",
        "Description": "",
        "WhoId": "",
        **fields,
    }


def rail(number: int, start: str, **fields: Any) -> Row:
    return {
        "id": f"CAL{number:032x}",
        "start_time": start,
        "duration": 120,
        "direction": "inbound",
        "customer_phone_number": f"+1206555{number:04d}",
        "tracking_phone_number": "+12065550199",
        "session_uuid": "visitor",
        **fields,
    }


def called_from(number: int) -> str:
    return f"answered: Inbound call.\nThe call was made from (206) 555-{number:04d} to +12065550100"


@dataclass(frozen=True)
class Case:
    """Some Tasks, some calls, and what there is to say of them: finding, Task number, matched by, seconds."""

    tasks: Sequence[Row] = ()
    calls: Sequence[Row] = ()
    expected: Sequence[tuple] = ()


# All cases lie in one build, so each has numbers and times of its own.
CASES = {
    "what agrees is no finding": Case(
        tasks=[
            task(1, "2026-01-02T01:02:05Z", Description=called_from(1)),
            task(
                2, "2026-01-02T02:02:05Z", Description=f"https://app.callrail.com/calls/{rail(2, '')['id']}/recording"
            ),
            task(3, "2026-01-02T03:00:30Z"),
        ],
        calls=[rail(number, f"2026-01-01T{17 + number}:00:00.000-07:00") for number in (1, 2, 3)],
    ),
    "spam is not expected in Salesforce": Case(calls=[rail(4, "2026-01-02T04:00:00Z", spam=True)]),
    "a call that is not in Salesforce": Case(
        calls=[rail(5, "2026-01-02T05:00:00Z")], expected=[("not_in_salesforce", None, None, None)]
    ),
    "a Task that is not in the log": Case(
        tasks=[
            task(6, "2026-01-02T06:00:00Z", Description=called_from(6)),
            task(7, "2026-01-02T07:00:00Z", bizible2__BizibleId__c=""),  # logged by hand
        ],
        expected=[("not_in_log", 6, None, None)],
    ),
    "a Task of a provider whose log does not cover its time": Case(
        tasks=[task(19, "2026-01-03T19:00:00Z", CallObject="", Description="calltrackingmetrics.com/calls/CA4711")]
    ),
    "a call that was written twice": Case(
        tasks=[task(number, f"2026-01-02T08:0{number - 8}:00Z", Description=called_from(8)) for number in (9, 10)],
        calls=[rail(8, "2026-01-02T08:00:00Z")],
        expected=[("written_twice", 10, "number and time", 0)],
    ),
    "a caller who calls again within minutes": Case(
        tasks=[
            task(20, "2026-01-02T10:04:30Z", Description=called_from(20)),
            task(21, "2026-01-02T10:06:00Z", Description=called_from(20)),
            # The first call's Task names it, so the other Task is of the other call, although the first one is nearer.
            task(22, "2026-01-02T12:01:00Z", CallObject=rail(22, "")["id"], Description=called_from(22)),
            task(23, "2026-01-02T12:02:10Z", Description=called_from(22)),
        ],
        calls=[
            rail(20, "2026-01-02T10:00:00Z"),
            rail(21, "2026-01-02T10:05:00Z", customer_phone_number="+12065550020"),
            rail(22, "2026-01-02T12:00:00Z"),
            rail(23, "2026-01-02T12:03:00Z", customer_phone_number="+12065550022"),
        ],
    ),
    "calls that were written late": Case(
        tasks=[
            task(11, "2026-01-02T11:02:00Z", CallObject=rail(11, "")["id"]),
            task(12, "2026-01-02T20:02:00Z", Description=called_from(12)),
        ],
        calls=[rail(11, "2026-01-02T09:00:00Z"), rail(12, "2026-01-02T18:00:00Z")],
        expected=[("written_late", 11, "call id", 7200), ("written_late", 12, "number and day", 7200)],
    ),
    "a BizibleId that was lost, and a caller without a web visit": Case(
        tasks=[
            task(13, "2026-01-02T13:02:00Z", Description=called_from(13), bizible2__BizibleId__c=""),
            task(14, "2026-01-02T14:02:00Z", Description=called_from(14), bizible2__BizibleId__c=""),
        ],
        calls=[
            rail(13, "2026-01-02T13:00:00Z"),
            rail(14, "2026-01-02T14:00:00Z", session_uuid=None, person_id="PER14"),
        ],
        expected=[("bizible_id_lost", 13, "number and time", None)],
    ),
    "times that disagree by an hour": Case(
        tasks=[
            task(
                15,
                "2026-01-02T15:02:00Z",
                CallObject=rail(15, "")["id"],
                bizible2__Bizible_Touchpoint_Date__c="2026-01-02T16:00:00Z",
            )
        ],
        calls=[rail(15, "2026-01-02T15:00:00Z")],
        expected=[("times_disagree", 15, "call id", 3600)],
    ),
    "a call time that is written in local time, before the call": Case(
        tasks=[task(18, "2026-01-04T03:00:00Z", Description=called_from(18))],
        calls=[rail(18, "2026-01-04T10:00:00Z")],
        expected=[("times_disagree", 18, "number and day", -25200)],
    ),
    "a withheld number is no evidence": Case(
        tasks=[task(16, "2026-01-02T16:35:00Z", Description="Call was made from +266696687 to +12065550100")],
        calls=[rail(16, "2026-01-02T16:30:00Z", customer_phone_number="+266696687")],
        expected=[("not_in_log", 16, None, None), ("not_in_salesforce", None, None, None)],
    ),
    "a call before the last Task, which is deleted": Case(
        tasks=[task(17, "2026-02-12T17:10:00Z", IsDeleted="true")],
        calls=[rail(17, "2026-02-12T17:00:00Z")],
        expected=[("not_in_salesforce", None, None, None)],
    ),
}

DESCRIPTIONS = [
    (
        "answered: A 3 minute 33 second Outbound call. The call was made from +12065550100 to +12065550123",
        "2065550123",
    ),
    ("missed: Inbound call. The call was made from +442071234567 to +12065550100", "442071234567"),
    ("Caller ID: (206) 555-0123", "2065550123"),
    ("Call from: 206.555.0123, left a message", "2065550123"),
    ("Caller: +44 (0)20 7946 0958", "442079460958"),
    ("Call made from +49(0)30 1234567 to +12065550100", "49301234567"),
    ("from 2026-01-02 10:00 on", None),
    ("Caller: unknown", None),
]

CTM = {
    "id": 77,
    "sid": "CA77",
    "unix_time": 1767384000,
    "called_at": "2026-01-02 03:00 PM -05:00",
    "duration": 60,
    "direction": "inbound",
    "caller_number_complete": "+12065550077",
    "tracking_number_bare": "2065550199",
    "visitor_sid": "v77",
    "source": "Google Ads",
    "ga": {"gclid": "Cj0", "cid": "1.2"},
    "salesforce": {"task": "00T000000000000077"},
    "excluded": False,
}
INVOCA = {
    "transaction_id": "C624DA2C-CF3367C3",
    "complete_call_id": "C624DA2C-CF3367C3",
    "transaction_type": "Call",
    "start_time_utc": 1767387600123,
    "duration": 30,
    "calling_phone_number": "206-555-0088",
    "corrects_transaction_id": None,
    "corrected_at": None,
    "invoca_id": "i-1",
    "gclid": "Cj1",
}


@pytest.fixture(scope="module")
def reconciled(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("reconciled"))
    project.write("web/sessions", [{"ID": "s", "COOKIE_ID": "other", "EVENT_DATE": "2026-01-01 00:00:00"}])
    # A Task and a call early and late on both sides, so that both cover the day.
    edges = [task(98, "2025-12-31T00:00:00Z", CallObject="edge0"), task(99, "2026-01-09T00:00:00Z", CallObject="edge1")]
    written = [task(77, "2026-01-02T20:01:00Z"), task(88, "2026-01-02T21:00:30Z", CallObject="C624DA2C-CF3367C3")]
    # Invoca's integration can write a Task for each part of a call, and for each correction.
    parts = ["C624DA2C-00000001", "C624DA2C-00000002"]
    written += [task(90 + number, "2026-01-02T21:00:30Z", CallObject=part) for number, part in enumerate(parts)]
    described = [
        task(500 + number, "2026-02-01T10:00:00Z", Description=text) for number, (text, _) in enumerate(DESCRIPTIONS)
    ]
    tasks = [row for case in CASES.values() for row in case.tasks]
    project.write("salesforce/Task", [*edges, *tasks, *written, *described])
    calls = [row for case in CASES.values() for row in case.calls]
    calls += [rail(98, "2025-12-31T00:00:00Z", id="edge0"), rail(99, "2026-01-09T00:00:00Z", id="edge1")]
    project.write("calls/callrail", calls, format="jsonl")
    project.write("calls/calltrackingmetrics", [CTM, CTM | {"id": 78, "direction": "msg_inbound"}], format="jsonl.gz")
    later = {"corrects_transaction_id": INVOCA["transaction_id"], "corrected_at": "2026-01-02T12:00:00-05:00"}
    project.write(
        "calls/invoca",
        [
            INVOCA,
            INVOCA | {"transaction_id": "C624DA2C-00000002", "start_time_utc": 1767387630123},  # put through
            INVOCA | {"transaction_id": "C624DA2C-00000003", "transaction_type": "Signal"},
            INVOCA | later | {"transaction_id": "C624DA2C-00000001", "duration": 45},
        ],
        format="jsonl",
    )
    project.land()
    project.build(select=["+rpt_call_provider_reconciliation"])
    return project


@pytest.mark.parametrize("name", CASES)
def test_findings(reconciled: Project, name: str) -> None:
    case = CASES[name]
    rows = reconciled.query(
        "select * from rpt_call_provider_reconciliation where list_contains($1, crm_task_id) "
        "or list_contains($2, provider_call_id)",
        [[row["Id"] for row in case.tasks], [row["id"] for row in case.calls]],
    )
    found = [
        (row["finding"], int(row["crm_task_id"][3:]) if row["crm_task_id"] else None, row["matched_by"], row["seconds"])
        for row in rows
    ]
    assert sorted(found, key=str) == sorted(case.expected, key=str)


def test_a_finding_says_what_both_sides_have(reconciled: Project) -> None:
    row = reconciled.query("select * from rpt_call_provider_reconciliation where finding = 'bizible_id_lost'")[0]
    assert (row["provider"], row["caller_number"], row["tracking_number"], row["visitor_id"], row["direction"]) == (
        "callrail",
        "+12065550013",
        "+12065550199",
        "visitor",
        "inbound",
    )
    assert (row["call_started_at"].hour, row["task_created_at"].minute, row["bizible_id"]) == (13, 2, None)


def test_the_three_logs_have_one_shape(reconciled: Project) -> None:
    rows = reconciled.query(
        "select provider, provider_call_id, started_at::varchar as at, duration_seconds::int as seconds, "
        "caller_number, visitor_id, gclid from warehouse.intermediate.int_calls__provider_calls "
        "where provider <> 'callrail' order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("calltrackingmetrics", "77", "2026-01-02 20:00:00", 60, "2065550077", "v77", "Cj0"),
        ("invoca", "C624DA2C-CF3367C3", "2026-01-02 21:00:00.123", 45, "2065550088", "i-1", "Cj1"),
    ]


def test_evidence_comes_from_the_log(reconciled: Project) -> None:
    rows = reconciled.query(
        "select * from warehouse.intermediate.int_calls__provider_evidence"
        " where provider <> 'callrail' and is_in_log order by 1"
    )
    assert [(row["provider_call_id"], row["call_id_known_by"], row["caller_number"]) for row in rows] == [
        ("77", "Task id in the log", "2065550077"),
        *[("C624DA2C-CF3367C3", "CallObject", "2065550088")] * 3,
    ]


def test_evidence_comes_from_descriptions(reconciled: Project) -> None:
    rows = reconciled.query("select task_id, caller_number from warehouse.intermediate.int_calls__provider_evidence")
    numbers = {int(row["task_id"][3:]): row["caller_number"] for row in rows}
    assert [numbers.get(500 + number) for number in range(len(DESCRIPTIONS))] == [number for _, number in DESCRIPTIONS]
