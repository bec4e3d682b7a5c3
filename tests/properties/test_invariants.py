"""What holds for any input: arrival and time zone do not matter, nothing is lost or doubled, credit is exact."""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import FULL
from tests.harness import Project
from tests.oracle import Dataset
from tests.oracle.dataset import WIDE_MODELS
from tests.properties.compare import KEYS, compare_core
from tests.properties.datasets import OWN_HOSTS, dealt, draw_dataset, draw_journey, number_of, numbered, pack
from tests.properties.test_marts_against_oracle import CASES, Case

pytestmark = pytest.mark.slow

DATASETS = 500 if FULL else 60
JOURNEYS = 7500 if FULL else 300  # they make half as many opportunities with touches again
VARIABLES = {"own_hosts": list(OWN_HOSTS), "session_source": "sessions"}
CORE = [f"+{mart}" for mart in KEYS]
REPORTS = ["+rpt_calls_by_channel", "+rpt_revenue_by_channel", "+rpt_call_integration_impact"]

Rows = list[dict[str, Any]]


def examples(full: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """One random seed, or many in a full run. An example is a build, so there is no shrinking."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        limits = settings(max_examples=full if FULL else 1, phases=[Phase.generate], deadline=None)
        return limits(given(seed=st.integers(0, 2**31))(test))

    return decorate


@contextmanager
def a_project() -> Iterator[Project]:
    with tempfile.TemporaryDirectory() as folder:
        yield Project(Path(folder))


@contextmanager
def time_zone(name: str) -> Iterator[None]:
    """The machine's time zone, as the environment sets it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        yield
    time.tzset()


def write(project: Project, dataset: Dataset) -> None:
    for path, rows in dataset.files.items():
        table, file = path.rsplit("/", 1)
        name, kind = file.split(".", 1)
        project.write(table, rows, kind, name)


def all_rows(project: Project, marts: list[str]) -> dict[str, Rows]:
    return {mart: sorted(project.query(f"select * from {mart}"), key=repr) for mart in marts}


def tie_free_dataset(seed: int, count: int) -> Dataset:
    return pack(numbered(draw_dataset(f"{seed}-{number}", with_ties=False), number) for number in range(count))


# Arrival and surroundings -------------------------------------------------------------------------------------------


@examples(full=20)
def test_order_batches_repetition_and_time_zone_do_not_matter(seed: int) -> None:
    """R1.11: a function of the newest version of every row, never of how the rows came."""
    draw = random.Random(seed)
    dataset = tie_free_dataset(seed, DATASETS)
    marts = [*KEYS, *(name.removeprefix("+") for name in REPORTS)]
    with a_project() as project:
        write(project, dataset)
        project.land()
        project.build(select=[*CORE, *REPORTS], variables=VARIABLES)
        at_once = all_rows(project, marts)
    zone = draw.choice(["America/St_Johns", "Asia/Kolkata", "Pacific/Chatham", "Europe/Berlin"])
    with a_project() as project, time_zone(zone):
        written = set()
        for table, rows, kind in dealt(dataset, draw):
            project.write(table, rows, kind)
            written.add(table)
            if {"web/sessions", "salesforce/Task"} <= written and draw.random() < 0.2:
                project.land()
        project.land()
        project.land()
        project.build(select=[*CORE, *REPORTS], variables=VARIABLES)
        in_batches = all_rows(project, marts)
    for mart in marts:
        assert in_batches[mart] == at_once[mart], f"{mart} depends on arrival (seed {seed}, {zone})"


# Nothing is lost or doubled -----------------------------------------------------------------------------------------


@examples(full=20)
def test_every_task_has_one_verdict_and_every_session_one_touchpoint(seed: int) -> None:
    """R1.6, R1.8, R1.10, counted from the source rows."""
    datasets = [numbered(draw_dataset(f"{seed}-{number}"), number) for number in range(DATASETS)]
    dataset = pack(datasets)
    with a_project() as project:
        write(project, dataset)
        project.land()
        project.build(select=["+fct_calls", "+fct_touchpoints"], variables=VARIABLES)
        calls = project.query("select * from fct_calls")
        touches = project.query("select * from fct_touchpoints")

    tasks = Counter(row.id("Id") for row in dataset.newest("salesforce/Task"))
    assert Counter(call["crm_task_id"] for call in calls) == tasks
    assert all(call["verdict"] for call in calls)

    live = Counter(f"session-{row.text('ID')}" for row in dataset.live("web/sessions") if row.time("EVENT_DATE"))
    assert Counter(touch["touchpoint_id"] for touch in touches if touch["session_id"]) == live

    separate = {call["crm_task_id"] for call in calls if call["verdict"] in SEPARATE}
    assert {touch["crm_task_id"] for touch in touches if touch["crm_task_id"] and not touch["session_id"]} == separate
    made = {call["crm_task_id"] for call in calls if call["verdict"] == "merged"}
    assert {touch["crm_task_id"] for touch in touches if touch["session_id"] and touch["crm_task_id"]} == made


SEPARATE = {"separate_unknown_bizible_id", "separate_outside_window"}


# Positions and credit -----------------------------------------------------------------------------------------------


@examples(full=1)
def test_credit_is_exact_and_positions_are_single(seed: int) -> None:
    """R7.2, R8.3: over thousands of random journeys, checked against the oracle too."""
    datasets = [numbered(draw_journey(f"{seed}-{number}"), number) for number in range(JOURNEYS)]
    case = Case()
    with tempfile.TemporaryDirectory() as folder:
        project = case.build(datasets, Path(folder), CORE)
        marts = {mart: project.query(f"select * from {mart}") for mart in KEYS}
    answers = case.answers(datasets)

    opportunities = {opportunity.id: opportunity for answer in answers for opportunity in answer.opportunities}
    rows_of: dict[str, Rows] = {}
    for row in marts["fct_attribution_touchpoints"]:
        rows_of.setdefault(row["opportunity_id"], []).append(row)
    date_of = {touch["touchpoint_id"]: touch["touchpoint_date"] for touch in marts["fct_touchpoints"]}
    for opportunity_id, rows in rows_of.items():
        amount = opportunities[opportunity_id].amount
        for model in WIDE_MODELS:
            assert sum(row[f"{model}_percentage"] for row in rows) == 100, opportunity_id
            revenues = [row[f"{model}_revenue"] for row in rows]
            assert revenues == [None] * len(rows) if amount is None else sum(revenues) == amount, opportunity_id
        assert sum(row["is_first_touch"] for row in rows) == 1, opportunity_id
        assert sum(row["is_lead_creation_touch"] for row in rows) <= 1, opportunity_id
        assert sum(row["is_opportunity_creation_touch"] for row in rows) <= 1, opportunity_id
        assert sum(row["is_closed_touch"] or row["is_pending"] for row in rows) == 1, opportunity_id
        for row in rows:
            if row["is_closed"] and row["close_date"] is not None:
                assert date_of[row["touchpoint_id"]].date() <= row["close_date"], opportunity_id

    records: dict[tuple[Any, Any], Rows] = {}
    for row in marts["fct_buyer_touchpoints"]:
        records.setdefault((row["lead_id"], row["contact_id"]), []).append(row)
    for record, rows in records.items():
        assert sum(row["is_first_touch"] for row in rows) == 1, record
        assert sum(row["is_lead_creation_touch"] for row in rows) <= 1, record
        assert sum(row["u_shaped_count"] for row in rows) == 1, record

    if FULL:
        assert len(rows_of) >= 10_000
    found = compare_core(answers, marts)
    assert not found, "\n".join(map(str, found[:20]))


@examples(full=10)
def test_a_new_touch_never_changes_another_account(seed: int) -> None:
    """R5, R7.1: only accounts that have a contact with the touch's cookie or address can change."""
    draw = random.Random(seed)
    case = CASES["as shipped"]
    datasets = [numbered(draw_dataset(f"{seed}-{number}"), number) for number in range(DATASETS)]
    answers = case.answers(datasets)
    touched: dict[int, tuple[str, str]] = {}
    added = Dataset()
    for number, answer in enumerate(answers):
        cookies = sorted({session.cookie for session in answer.touched.sessions if session.cookie})
        addresses = sorted({email for record in answer.people.records.values() for email in record.emails})
        if cookies and addresses and draw.random() < 0.8:
            cookie, address = draw.choice(cookies), draw.choice(addresses)
            at = answer.touched.sessions[0].started_at.isoformat(" ")
            touched[number] = (cookie, address)
            added.add("web/sessions", {"ID": f"new-e{number:05}e", "COOKIE_ID": cookie, "EVENT_DATE": at})
            form = {"ID": f"new-e{number:05}e", "SESSION_ID": f"new-e{number:05}e", "EMAIL": address}
            added.add("web/form_submits", form | {"EVENT_DATE": at})

    with tempfile.TemporaryDirectory() as folder:
        project = case.build(datasets, Path(folder), CORE)
        before = project.query("select * from fct_attribution_touchpoints")
        write(project, Dataset({path.replace("rows", "new"): rows for path, rows in added.files.items()}))
        project.land()
        project.build(select=CORE, variables=case.dbt_variables())
        after = project.query("select * from fct_attribution_touchpoints")

    def unrelated(rows: Rows) -> set[tuple[tuple[str, Any], ...]]:
        kept = set()
        for row in rows:
            number = number_of(row)
            assert number is not None
            if number not in touched or not is_related(answers[number], row["opportunity_id"], *touched[number]):
                kept.add(tuple(row.items()))
        return kept

    assert unrelated(before), "nothing to check"
    assert unrelated(before) == unrelated(after)


def is_related(answer: Any, opportunity_id: str, cookie: str, address: str) -> bool:
    """Whether one of the opportunity's contacts has the address, or one that the cookie is known for."""
    known = {email for email, owner in answer.people.evidence if owner == cookie} | {address}
    contacts = next(o.contacts for o in answer.opportunities if o.id == opportunity_id)
    return any(contact.emails & known for contact in contacts)
