"""The providers' logs: what is asked for, what comes, and that nothing is lost whatever breaks."""

import contextlib
import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.lib.landing.contract import read_sources
from orchestration.lib.settings import PROJECT_DIR
from orchestration.lib.sources.errors import LiveSourceError, QuotaExceeded, SettingMissing, SignInRefused
from orchestration.lib.sources.http import Clock
from orchestration.lib.sources.providers.extract import LOOKBACK_DAYS, RECONCILIATION_DAYS, LogExtraction, extract
from orchestration.lib.sources.providers.logs import PROVIDERS
from tests.conftest import FULL
from tests.live.conftest import Killed
from tests.live.landed import Warehouse
from tests.live.provider_logs import ENVIRONMENT, CallRailLog, CtmLog, InvocaLog, Log
from tests.live.standin import Answer, StandIn, breaking_off, http_error

HOSTS = {
    "calltrackingmetrics": "api.calltrackingmetrics.com",
    "callrail": "api.callrail.com",
    "invoca": "acme.invoca.net",
}
LOGS = {"calltrackingmetrics": CtmLog, "callrail": CallRailLog, "invoca": InvocaLog}
TABLES = {table.name: table for table in read_sources(PROJECT_DIR) if table.source == "calls"}
TEXTS = {"calltrackingmetrics": "name", "callrail": "note", "invoca": "notes"}
BY_DAY = ("calltrackingmetrics", "callrail")


class World:
    """A provider's log, a landing folder and a warehouse."""

    def __init__(self, name: str, standin: StandIn, folder: Path) -> None:
        standin.reset()
        self.name, self.standin = name, standin
        self.log: Log = LOGS[name]()
        standin.apps[HOSTS[name]] = self.log  # pyright: ignore[reportArgumentType]
        self.warehouse = Warehouse(folder, TABLES[name])
        self.clock = Clock(sleep=lambda seconds: None, now=lambda: self.log.now, jitter=lambda: 0.0)

    def run(self, lookback_days: int = LOOKBACK_DAYS, budget: str = "") -> LogExtraction:
        provider = next(provider for provider in PROVIDERS if provider.name == self.name)
        log = provider.connect(ENVIRONMENT | {"CALL_ATTRIBUTION_PROVIDER_API_BUDGET": budget}, self.clock)
        assert log is not None
        landed = self.warehouse.landed()
        with log.client.session:  # pyright: ignore[reportAttributeAccessIssue]
            return extract(self.name, log, self.warehouse.landing_dir, landed, self.clock, lookback_days)

    def sync(self, lookback_days: int = LOOKBACK_DAYS) -> LogExtraction:
        result = self.run(lookback_days)
        self.warehouse.land()
        return result

    def texts(self) -> dict[str, str]:
        return {key: row[TEXTS[self.name]] for key, row in self.warehouse.rows().items()}


@pytest.fixture(params=list(LOGS))
def world(request: pytest.FixtureRequest, standin: StandIn, tmp_path: Path) -> World:
    return World(request.param, standin, tmp_path)


@pytest.fixture(params=BY_DAY)
def daily(request: pytest.FixtureRequest, standin: StandIn, tmp_path: Path) -> World:
    return World(request.param, standin, tmp_path)


def test_pages_are_read_to_the_end_and_rows_stay_as_they_are(world: World) -> None:
    world.log.page_size = 2
    for _ in range(5):
        world.log.call()
    world.sync()
    assert world.texts() == world.log.truth()
    path = next(world.warehouse.folder.glob("*.jsonl.gz"))
    row = json.loads(gzip.decompress(path.read_bytes()).splitlines()[0])
    assert row == world.log.row(int(row["id"])) if world.name in BY_DAY else row in world.log.transactions  # pyright: ignore


def test_only_what_is_new_or_may_have_changed_is_read_again(world: World) -> None:
    for _ in range(3):
        world.log.call()
        rows = world.sync().rows
        world.log.now += timedelta(days=10)
    # The last run's day and two before it are read again: calls are filled in after they have ended.
    assert rows == (2 if world.name in BY_DAY else 1)
    assert world.texts() == world.log.truth()


def test_a_run_without_calls_leaves_no_file(world: World) -> None:
    assert world.sync().files == ()


def test_corrections_come(world: World) -> None:
    number = world.log.call()
    world.sync()
    world.log.now += timedelta(hours=20)
    world.log.correct(number, "corrected")
    world.sync()
    assert world.texts() == world.log.truth() and "corrected" in world.texts().values()


def test_late_corrections_come_with_the_long_look_back(daily: World) -> None:
    number = daily.log.call()
    daily.sync()
    daily.log.now += timedelta(days=20)
    daily.log.correct(number, "corrected late")
    daily.sync()
    daily.log.now += timedelta(seconds=1)
    daily.sync(RECONCILIATION_DAYS)
    assert daily.texts() == daily.log.truth()


def test_hidden_calls_are_asked_for_and_marked(daily: World) -> None:
    seen, hidden = daily.log.call(), daily.log.call()
    daily.log.hide(hidden)
    daily.sync()
    rows = daily.warehouse.rows()
    mark = "excluded" if daily.name == "calltrackingmetrics" else "spam"
    assert rows[str(hidden)][mark] == "true" and rows[str(seen)][mark] in (None, "false")


@pytest.mark.parametrize("knows_spam", ["ignores", "refuses"])
def test_an_account_that_does_not_know_spam_loses_nothing(standin: StandIn, tmp_path: Path, knows_spam: str) -> None:
    world = World("callrail", standin, tmp_path)
    world.log.knows_spam = knows_spam  # pyright: ignore[reportAttributeAccessIssue]
    world.log.call()
    world.sync()
    assert world.texts() == world.log.truth()
    assert not any(row["spam"] for row in world.warehouse.rows().values())


def test_a_list_that_moves_between_pages_is_read_again(daily: World) -> None:
    daily.log.page_size = 2
    numbers = [daily.log.call() for _ in range(6)]

    def hide_one() -> None:
        daily.log.on_page = None
        # One of the first page goes: all others move up by one.
        daily.log.hide(numbers[-1] if daily.name == "calltrackingmetrics" else numbers[0])

    daily.log.on_page = hide_one
    daily.sync()
    assert set(daily.texts()) == set(daily.log.truth())


def test_days_are_the_accounts(daily: World) -> None:
    """23:30 in New York is tomorrow in UTC; no night is lost between two runs."""
    for hour in range(30):
        daily.log.now += timedelta(hours=1)
        daily.log.call()
        if hour % 7 == 0:
            daily.sync()
    daily.sync()
    assert daily.texts() == daily.log.truth()


def test_quiet_months_do_not_break_the_chain(daily: World) -> None:
    daily.log.now -= timedelta(days=300)
    daily.log.call()
    daily.log.now += timedelta(days=300)
    daily.log.call()
    first = daily.sync()
    assert first.since == "start" and len(first.files) == 2
    daily.log.now += timedelta(hours=1)
    assert daily.sync().since == "2026-02-27"


def test_the_budget_ends_a_run_and_the_next_one_goes_on(world: World) -> None:
    world.log.page_size = 1
    for _ in range(4):
        world.log.call()
        world.log.now += timedelta(days=40)
    with pytest.raises(QuotaExceeded, match="PROVIDER_API_BUDGET"):
        world.run(budget="3")
    world.sync()
    assert world.texts() == world.log.truth()


def test_refused_credentials_name_the_settings_and_no_secret(world: World) -> None:
    provider = next(provider for provider in PROVIDERS if provider.name == world.name)
    wrong = {name: "wrongs3cret" for name in provider.settings} | {"CALL_ATTRIBUTION_INVOCA_NETWORK": "acme"}
    log = provider.connect(wrong, world.clock)
    assert log is not None and "wrongs3cret" not in repr(log).replace("account_id='wrongs3cret'", "").replace(
        "network_id='wrongs3cret'", ""
    )
    with pytest.raises(SignInRefused) as failure:
        extract(world.name, log, world.warehouse.landing_dir, [], world.clock)
    assert provider.settings[-1] in str(failure.value) and "wrongs3cret" not in str(failure.value)


def test_settings() -> None:
    for provider in PROVIDERS:
        assert provider.connect({}) is None
        with pytest.raises(SettingMissing, match=provider.settings[1]):
            provider.connect({provider.settings[0]: "x"})
        with pytest.raises(LiveSourceError, match="Allowed"):
            provider.connect(ENVIRONMENT | {provider.settings[0]: "a/../b"})


def test_no_secret_in_any_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.log.call()
    with caplog.at_level("DEBUG"):
        world.standin.faults[0] = http_error(500)
        world.sync()
    written = caplog.text + "".join(
        gzip.decompress(path.read_bytes()).decode() for path in world.warehouse.folder.glob("*.gz")
    )
    assert "s3cret" not in written


# Whatever happens.

FAULTS = ("429", "500", "breaks off", "kill", "no json")
changes = st.tuples(
    st.sampled_from(["call", "call", "correct", "hide"]), st.integers(0, 8), st.sampled_from([0, 3600, 90_000])
)
runs = st.tuples(st.dictionaries(st.integers(0, 8), st.sampled_from(FAULTS), max_size=3), st.booleans())
steps = st.lists(st.one_of(changes, changes, runs, st.just("lose the warehouse")), max_size=12)


@contextlib.contextmanager
def failing(world: World, planned: dict[int, str]) -> Iterator[None]:
    world.standin.reset()
    for number, kind in planned.items():
        world.standin.faults[number] = {
            "429": http_error(429),
            "500": http_error(500),
            "breaks off": breaking_off(world.standin.apps[HOSTS[world.name]]),
            "kill": http_error(500),
            "no json": lambda request: Answer(200, b"<html>"),
        }[kind]
    kills = [number for number, kind in planned.items() if kind == "kill"]

    def die(seconds: float) -> None:
        # The wait after a failed request is where the process is killed.
        if kills and len(world.standin.requests) > min(kills):
            raise Killed

    clock, world.clock = world.clock, Clock(sleep=die, now=world.clock.now, jitter=world.clock.jitter)
    try:
        with contextlib.suppress(Killed, LiveSourceError):
            yield
    finally:
        world.clock = clock
        world.standin.reset()


@pytest.mark.parametrize("name", LOGS)
@settings(
    max_examples=300 if FULL else 8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=steps, page_size=st.integers(1, 3))
def test_the_warehouse_becomes_the_log(standin: StandIn, name: str, steps: list, page_size: int) -> None:
    with TemporaryDirectory() as folder:
        world = World(name, standin, Path(folder))
        world.log.page_size = page_size
        for number, step in enumerate(steps):
            if step == "lose the warehouse":
                world.warehouse.lose()
            elif isinstance(step[0], dict):
                planned, then_lands = step
                with failing(world, planned):
                    world.run()
                if then_lands:
                    world.warehouse.land()
                world.log.now += timedelta(seconds=1)
            else:
                kind, chosen, wait = step
                world.log.now += timedelta(seconds=wait)
                if kind == "call" or not world.log.calls:
                    world.log.call()
                elif kind == "correct":
                    world.log.correct(1 + chosen % len(world.log.calls), f"corrected {number}")
                else:
                    world.log.hide(1 + chosen % len(world.log.calls))
        world.sync()
        assert set(world.texts()) >= {key for key in world.log.truth()}
        world.log.now += timedelta(seconds=1)
        world.sync(RECONCILIATION_DAYS)
        assert world.texts() == world.log.truth()
