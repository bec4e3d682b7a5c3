"""The providers' logs: requests and results, and that no fault loses data."""

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


class Source:
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
def source(request: pytest.FixtureRequest, standin: StandIn, tmp_path: Path) -> Source:
    return Source(request.param, standin, tmp_path)


@pytest.fixture(params=BY_DAY)
def daily(request: pytest.FixtureRequest, standin: StandIn, tmp_path: Path) -> Source:
    return Source(request.param, standin, tmp_path)


def test_pages_are_read_to_the_end_and_rows_stay_as_they_are(source: Source) -> None:
    source.log.page_size = 2
    for _ in range(5):
        source.log.call()
    source.sync()
    assert source.texts() == source.log.expected()
    path = next(source.warehouse.folder.glob("*.jsonl.gz"))
    row = json.loads(gzip.decompress(path.read_bytes()).splitlines()[0])
    assert row == source.log.row(int(row["id"])) if source.name in BY_DAY else row in source.log.transactions  # pyright: ignore


def test_only_what_is_new_or_may_have_changed_is_read_again(source: Source) -> None:
    for _ in range(3):
        source.log.call()
        rows = source.sync().rows
        source.log.now += timedelta(days=10)
    # The last run's day and two before it are read again: calls are filled in after they have ended.
    assert rows == (2 if source.name in BY_DAY else 1)
    assert source.texts() == source.log.expected()


def test_a_run_without_calls_leaves_no_file(source: Source) -> None:
    assert source.sync().files == ()


def test_corrections_come(source: Source) -> None:
    number = source.log.call()
    source.sync()
    source.log.now += timedelta(hours=20)
    source.log.correct(number, "corrected")
    source.sync()
    assert source.texts() == source.log.expected() and "corrected" in source.texts().values()


def test_late_corrections_come_with_the_long_look_back(daily: Source) -> None:
    number = daily.log.call()
    daily.sync()
    daily.log.now += timedelta(days=20)
    daily.log.correct(number, "corrected late")
    daily.sync()
    daily.log.now += timedelta(seconds=1)
    daily.sync(RECONCILIATION_DAYS)
    assert daily.texts() == daily.log.expected()


def test_hidden_calls_are_asked_for_and_marked(daily: Source) -> None:
    seen, hidden = daily.log.call(), daily.log.call()
    daily.log.hide(hidden)
    daily.sync()
    rows = daily.warehouse.rows()
    mark = "excluded" if daily.name == "calltrackingmetrics" else "spam"
    assert rows[str(hidden)][mark] == "true" and rows[str(seen)][mark] in (None, "false")


@pytest.mark.parametrize("knows_spam", ["ignores", "refuses"])
def test_an_account_that_does_not_know_spam_loses_nothing(standin: StandIn, tmp_path: Path, knows_spam: str) -> None:
    source = Source("callrail", standin, tmp_path)
    source.log.knows_spam = knows_spam  # pyright: ignore[reportAttributeAccessIssue]
    source.log.call()
    source.sync()
    assert source.texts() == source.log.expected()
    assert not any(row["spam"] for row in source.warehouse.rows().values())


def test_a_list_that_moves_between_pages_is_read_again(daily: Source) -> None:
    daily.log.page_size = 2
    numbers = [daily.log.call() for _ in range(6)]

    def hide_one() -> None:
        daily.log.on_page = None
        # One call of the first page disappears: all others move up by one.
        daily.log.hide(numbers[-1] if daily.name == "calltrackingmetrics" else numbers[0])

    daily.log.on_page = hide_one
    daily.sync()
    assert set(daily.texts()) == set(daily.log.expected())


def test_days_are_the_accounts(daily: Source) -> None:
    """23:30 in New York is tomorrow in UTC; no night is lost between two runs."""
    for hour in range(30):
        daily.log.now += timedelta(hours=1)
        daily.log.call()
        if hour % 7 == 0:
            daily.sync()
    daily.sync()
    assert daily.texts() == daily.log.expected()


def test_quiet_months_do_not_break_the_chain(daily: Source) -> None:
    daily.log.now -= timedelta(days=300)
    daily.log.call()
    daily.log.now += timedelta(days=300)
    daily.log.call()
    first = daily.sync()
    assert first.since == "start" and len(first.files) == 2
    daily.log.now += timedelta(hours=1)
    assert daily.sync().since == "2026-02-27"


def test_days_that_a_wrong_clock_took_as_read_are_read(daily: Source) -> None:
    daily.log.call()
    now = daily.log.now
    daily.log.now += timedelta(days=60)
    daily.sync()
    daily.log.now = now + timedelta(days=2)
    daily.log.call()
    daily.log.now += timedelta(days=5)
    daily.sync()
    assert daily.texts() == daily.log.expected()


def test_the_budget_ends_a_run_and_the_next_one_goes_on(source: Source) -> None:
    source.log.page_size = 1
    for _ in range(4):
        source.log.call()
        source.log.now += timedelta(days=40)
    with pytest.raises(QuotaExceeded, match="PROVIDER_API_BUDGET"):
        source.run(budget="3")
    source.sync()
    assert source.texts() == source.log.expected()


def test_refused_credentials_name_the_settings_and_no_secret(source: Source) -> None:
    provider = next(provider for provider in PROVIDERS if provider.name == source.name)
    wrong = {name: "wrongs3cret" for name in provider.settings} | {"CALL_ATTRIBUTION_INVOCA_NETWORK": "acme"}
    log = provider.connect(wrong, source.clock)
    assert log is not None and "wrongs3cret" not in repr(log).replace("account_id='wrongs3cret'", "").replace(
        "network_id='wrongs3cret'", ""
    )
    with pytest.raises(SignInRefused) as failure:
        extract(source.name, log, source.warehouse.landing_dir, [], source.clock)
    assert provider.settings[-1] in str(failure.value) and "wrongs3cret" not in str(failure.value)


def test_settings() -> None:
    for provider in PROVIDERS:
        assert provider.connect({}) is None
        with pytest.raises(SettingMissing, match=provider.settings[1]):
            provider.connect({provider.settings[0]: "x"})
        with pytest.raises(LiveSourceError, match="Allowed"):
            provider.connect(ENVIRONMENT | {provider.settings[0]: "a/../b"})


@pytest.mark.parametrize("sign", ["\u2013", "\n", "\u00e9"])
def test_a_key_with_a_sign_that_no_key_has_is_named_and_not_shown(source: Source, sign: str) -> None:
    provider = next(provider for provider in PROVIDERS if provider.name == source.name)
    secret = provider.settings[-1]
    with pytest.raises(LiveSourceError, match=f"{secret} has a line break or a character outside ASCII") as failure:
        provider.connect(ENVIRONMENT | {secret: f"s3{sign}cret"}, source.clock)
    assert "cret" not in str(failure.value)


def test_no_secret_in_any_log(source: Source, caplog: pytest.LogCaptureFixture) -> None:
    source.log.call()
    with caplog.at_level("DEBUG"):
        source.standin.faults[0] = http_error(500)
        source.sync()
    written = caplog.text + "".join(
        gzip.decompress(path.read_bytes()).decode() for path in source.warehouse.folder.glob("*.gz")
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
def failing(source: Source, planned: dict[int, str]) -> Iterator[None]:
    source.standin.reset()
    for number, kind in planned.items():
        source.standin.faults[number] = {
            "429": http_error(429),
            "500": http_error(500),
            "breaks off": breaking_off(source.standin.apps[HOSTS[source.name]]),
            "kill": http_error(500),
            "no json": lambda request: Answer(200, b"<html>"),
        }[kind]
    kills = [number for number, kind in planned.items() if kind == "kill"]

    def die(seconds: float) -> None:
        # The wait after a failed request is where the process is killed.
        if kills and len(source.standin.requests) > min(kills):
            raise Killed

    clock, source.clock = source.clock, Clock(sleep=die, now=source.clock.now, jitter=source.clock.jitter)
    try:
        with contextlib.suppress(Killed, LiveSourceError):
            yield
    finally:
        source.clock = clock
        source.standin.reset()


@pytest.mark.slow
@pytest.mark.parametrize("name", LOGS)
@settings(
    max_examples=300 if FULL else 8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=steps, page_size=st.integers(1, 3))
def test_the_warehouse_becomes_the_log(standin: StandIn, name: str, steps: list, page_size: int) -> None:
    with TemporaryDirectory() as folder:
        source = Source(name, standin, Path(folder))
        source.log.page_size = page_size
        for number, step in enumerate(steps):
            if step == "lose the warehouse":
                source.warehouse.lose()
            elif isinstance(step[0], dict):
                planned, then_lands = step
                with failing(source, planned):
                    source.run()
                if then_lands:
                    source.warehouse.land()
                source.log.now += timedelta(seconds=1)
            else:
                kind, chosen, wait = step
                source.log.now += timedelta(seconds=wait)
                if kind == "call" or not source.log.calls:
                    source.log.call()
                elif kind == "correct":
                    source.log.correct(1 + chosen % len(source.log.calls), f"corrected {number}")
                else:
                    source.log.hide(1 + chosen % len(source.log.calls))
        source.sync()
        assert set(source.texts()) >= {key for key in source.log.expected()}
        source.log.now += timedelta(seconds=1)
        source.sync(RECONCILIATION_DAYS)
        assert source.texts() == source.log.expected()
