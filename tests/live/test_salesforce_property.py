"""Whatever users do and whatever breaks: after the next run that gets through, the warehouse is the org."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.sources.errors import LiveSourceError
from orchestration.lib.sources.http import Clock
from orchestration.lib.sources.salesforce.extract import STATE_FILE, extract
from orchestration.lib.sources.salesforce.org import Org
from orchestration.lib.sources.salesforce.reconcile import reconcile
from tests.conftest import FULL
from tests.live.conftest import CREDENTIALS, Killed, KilledSession, salesforce_tables
from tests.live.landed import Warehouse
from tests.live.salesforce_org import HOST, SalesforceOrg
from tests.live.standin import Answer, Fault, Request, StandIn, breaking_off, http_error

pytestmark = pytest.mark.slow

FAULTS = ("429", "500", "breaks off", "token expires", "job is gone", "kill")
COLUMNS = ("Id", "SystemModstamp", "CreatedDate", "IsDeleted", "Subject", "bizible2__BizibleId__c")
CLOCK = Clock(sleep=lambda seconds: None, now=lambda: datetime(2026, 1, 1, tzinfo=UTC), jitter=lambda: 0.0)

numbers = st.integers(0, 5)
seconds = st.sampled_from([0, 1, 59, 600, 901, 4000])
faults = st.dictionaries(
    st.integers(1, 14),
    st.sampled_from(FAULTS),
    max_size=4,
)
changes = st.one_of(
    st.tuples(st.just("save"), numbers, seconds),
    st.tuples(st.just("save slowly"), numbers, seconds),
    st.tuples(st.just("delete"), numbers, seconds),
    st.tuples(st.just("undelete"), numbers, seconds),
    st.tuples(st.just("erase"), numbers, seconds),
)
runs = st.one_of(
    st.tuples(st.just("run"), faults, st.booleans()),
    st.tuples(st.just("reconcile"), faults, st.booleans()),
    st.tuples(st.sampled_from(["lose the warehouse", "lose the state"]), st.just({}), st.booleans()),
)
steps = st.lists(st.one_of(changes, changes, runs), max_size=14)


class Source:
    """An org, a landing folder, a warehouse, and what happens to them."""

    def __init__(self, standin: StandIn, folder: Path, page: int) -> None:
        standin.reset()
        self.standin = standin
        self.table: SourceTable = salesforce_tables()["Task"]
        self.sf = SalesforceOrg(max_page=page)
        self.sf.add_object("Task", list(COLUMNS))
        self.warehouse = Warehouse(folder, self.table)
        self.generation: dict[int, int] = {}
        self.texts = 0
        standin.apps[HOST] = self.sf

    def record_id(self, number: int) -> str:
        # Salesforce never gives an id again.
        return f"00T{self.generation.get(number, 0):06d}{number:09d}"

    def change(self, kind: str, number: int, wait: int) -> None:
        key = self.record_id(number)
        exists = key in self.sf.records["Task"]
        # Deleting and undeleting within one second is a tie, and a tie goes to the deletion.
        self.sf.now += timedelta(seconds=wait + ("delete" in kind))
        self.texts += 1
        if kind == "save":
            self.sf.save("Task", key, Subject=f"text {self.texts}")
        elif kind == "save slowly":
            self.sf.save("Task", key, timedelta(seconds=600), Subject=f"text {self.texts}")
        elif kind == "delete" and exists:
            self.sf.delete("Task", key)
        elif kind == "undelete" and exists:
            self.sf.undelete("Task", key)
        elif kind == "erase" and exists:
            self.sf.erase("Task", key)
            self.generation[number] = self.generation.get(number, 0) + 1
        self.sf.now += timedelta(seconds="delete" in kind)

    def attempt(self, kind: str, planned: dict[int, str], then_lands: bool) -> None:
        if kind == "lose the warehouse":
            self.warehouse.lose()
            return
        if kind == "lose the state":
            (self.warehouse.folder / STATE_FILE).unlink(missing_ok=True)
            return
        with contextlib.suppress(Killed, LiveSourceError):
            self.use(lambda org: self.work(kind, org), planned)
        if then_lands:
            self.warehouse.land()

    def work(self, kind: str, org: Org) -> None:
        if kind == "run":
            extract(org, self.table, self.warehouse.landing_dir, self.landed())
        else:
            reconcile(org, self.table, self.warehouse.settings)

    def use(self, work: Callable[[Org], None], planned: dict[int, str]) -> None:
        self.standin.reset()
        self.standin.faults.update({number: self.fault(kind) for number, kind in planned.items() if kind != "kill"})
        session = KilledSession("Salesforce", 1000, "BUDGET", CLOCK)
        session.kill_at = min((number for number, kind in planned.items() if kind == "kill"), default=None)
        with session:
            work(Org(CREDENTIALS, session))

    def landed(self) -> list[str]:
        return self.warehouse.landed()

    def fault(self, kind: str) -> Fault:
        def lose_jobs(request: Request) -> Answer | None:
            for job in self.sf.jobs.values():
                job.is_gone = True
            return None

        def expire(request: Request) -> Answer | None:
            self.sf.expire_tokens()
            return None

        return {
            "429": http_error(429),
            "500": http_error(500),
            "breaks off": breaking_off(self.sf),
            "token expires": expire,
            "job is gone": lose_jobs,
        }[kind]

    def check(self) -> None:
        """One run that gets through, and one comparison: then nothing is lost, doubled or skipped."""
        self.sf.now += timedelta(minutes=20)
        self.use(lambda org: self.work("run", org), {})
        self.warehouse.land()
        expected = {row["Id"]: row["Subject"] for row in self.sf.seen("Task") if not row["IsDeleted"]}
        erased = set(self.warehouse.live()) - set(expected)
        found = {key: row["Subject"] for key, row in self.warehouse.live().items()}
        assert {key: text for key, text in found.items() if key not in erased} == expected
        assert not erased & set(self.sf.records["Task"])
        self.use(lambda org: self.work("reconcile", org), {})
        self.warehouse.land()
        assert {key: row["Subject"] for key, row in self.warehouse.live().items()} == expected


@settings(
    max_examples=1000 if FULL else 15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=steps, page=st.integers(1, 3))
def test_the_warehouse_becomes_the_org(standin: StandIn, steps: list, page: int) -> None:
    with TemporaryDirectory() as folder:
        source = Source(standin, Path(folder), page)
        for kind, first, second in steps:
            if isinstance(first, dict):
                source.attempt(kind, first, second)
            else:
                source.change(kind, first, second)
        source.check()


PLACES = [(number, fault) for number in range(1, 12) for fault in FAULTS]


# In the modest run a walk through both lists together, in the full one every fault at every request.
@pytest.mark.parametrize(("number", "fault"), PLACES if FULL else PLACES[:: len(FAULTS) - 1])
def test_one_fault_at_every_request(standin: StandIn, tmp_path: Path, fault: str, number: int) -> None:
    source = Source(standin, tmp_path, page=1)
    for record in range(4):
        source.change("save", record, 60)
    source.attempt("run", {number: fault}, then_lands=True)
    source.change("save", 0, 60)
    source.change("erase", 3, 60)
    source.attempt("reconcile", {number: fault}, then_lands=True)
    source.check()
