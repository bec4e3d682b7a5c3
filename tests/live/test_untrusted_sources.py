"""Live sources are not trusted: whatever one answers, it costs one error of that source, and nothing leaks."""

import base64
import contextlib
import gzip
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dagster as dg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.defs.live.assets import live_definitions
from orchestration.lib import lock
from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.settings import LiveLimits, Settings, SettingsError
from orchestration.lib.sources import run
from orchestration.lib.sources.errors import (
    AnotherExtraction,
    EndlessList,
    LiveSourceError,
    SignInRefused,
    TooLarge,
    Unreachable,
)
from orchestration.lib.sources.files import id_of_name, name_of_id
from orchestration.lib.sources.http import Clock
from orchestration.lib.sources.providers import extract as provider_extract
from orchestration.lib.sources.providers.extract import extract as extract_log
from orchestration.lib.sources.providers.logs import PROVIDERS
from orchestration.lib.sources.run import ExtractionResult
from orchestration.lib.sources.salesforce.credentials import Credentials
from orchestration.lib.sources.salesforce.extract import STATE_FILE, extract
from orchestration.lib.sources.salesforce.org import Org
from tests import canaries
from tests.conftest import FULL
from tests.harness import settings_in
from tests.live.conftest import Waits, salesforce_tables
from tests.live.provider_logs import ENVIRONMENT, CallRailLog, CtmLog, InvocaLog
from tests.live.salesforce_org import CLIENT_ID, CLIENT_SECRET, HOST, VERSION_PATH, SalesforceOrg
from tests.live.standin import Answer, Fault, Request, StandIn

Connect = Callable[..., Org]


@pytest.fixture(autouse=True)
def short_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """One window of days instead of 25."""
    monkeypatch.setattr(provider_extract, "HISTORY_DAYS", 20)
    monkeypatch.setattr(provider_extract, "RECONCILIATION_DAYS", 20)


ELSEWHERE = "elsewhere.example"
RAIL, CTM, INVOCA = "api.callrail.com", "api.calltrackingmetrics.com", "acme.invoca.net"
SALESFORCE = {
    "CALL_ATTRIBUTION_SALESFORCE_DOMAIN": HOST,
    "CALL_ATTRIBUTION_SALESFORCE_CLIENT_ID": CLIENT_ID,
    "CALL_ATTRIBUTION_SALESFORCE_CLIENT_SECRET": CLIENT_SECRET,
}
EVERYTHING = (
    SALESFORCE | ENVIRONMENT | {"CALL_ATTRIBUTION_LIVE_TABLES": "salesforce/Task,salesforce/CurrencyType,calls"}
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Overriding:
    """An app whose answers a test replaces; None leaves the true one."""

    def __init__(self, app: Any, override: Fault) -> None:
        self.app, self.override = app, override

    def answer(self, request: Request) -> Answer:
        return self.override(request) or self.app.answer(request)


def as_json(value: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(
        status, json.dumps(value).encode(), {name.replace("_", "-"): value for name, value in headers.items()}
    )


def on(ending: str, answer: Answer) -> Fault:
    """This answer for requests whose path ends like that."""
    return lambda request: answer if request.path.endswith(ending) else None


@pytest.fixture
def systems(standin: StandIn) -> dict[str, Any]:
    return new_systems(standin)


def new_systems(standin: StandIn) -> dict[str, Any]:
    """Four systems with a row each."""
    standin.reset()
    sf = SalesforceOrg(polls=0)
    for table in salesforce_tables().values():
        sf.add_object(table.name, [column.name for column in table.columns])
    sf.save("Task", "00T000000000000001", Description=canaries.PERSONAL[0])
    sf.save("CurrencyType", "01L000000000000001", IsoCode="EUR")
    logs = {RAIL: CallRailLog(), CTM: CtmLog(), INVOCA: InvocaLog()}
    for log in logs.values():
        log.now = NOW
        log.call()
    systems = {HOST: sf, **logs}
    standin.apps.update(systems)
    return systems


def extracted(folder: Path, clock: Clock, only: str = "", **limits: int) -> dict[str, ExtractionResult]:
    chosen = replace(settings_in(folder), live=LiveLimits(**limits))
    tables = [table for table in run.live_tables(chosen, EVERYTHING) if only in ("", table.name)]
    return {one.table.name: one for one in run.extract_all(chosen, tables, EVERYTHING, clock=clock)}


def connect_log(name: str, clock: Clock, limits: LiveLimits | None = None) -> Any:
    return next(one for one in PROVIDERS if one.name == name).connect(ENVIRONMENT, clock, limits)


def get(standin: StandIn, clock: Clock, answer: Answer, **limits: int) -> None:
    """One request to a provider that gives this answer once."""
    standin.reset()
    standin.apps[RAIL] = CallRailLog()
    standin.faults[0] = lambda request: answer
    list(connect_log("callrail", clock, LiveLimits(**limits)).read(NOW.date(), NOW.date()))


# Times and sizes.


@pytest.mark.parametrize(
    "value",
    ["86400", "999999999999", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 02 Jan 2026 00:00:00 GMT"],
)
def test_a_wait_that_is_too_long_is_an_error(standin: StandIn, clock: Clock, waits: Waits, value: str) -> None:
    with pytest.raises(Unreachable, match="CALL_ATTRIBUTION_LIVE_WAIT_SECONDS"):
        get(standin, clock, Answer(429, b"", {"Retry-After": value}))
    assert waits == []


@pytest.mark.parametrize(
    "value", ["\u00b2", "-5", "1e9", "soon", "", "Fri, 99 Foo 10000", "Thu, 01 Jan 1970 00:00:00 -0000", "nan"]
)
def test_a_wait_that_cannot_be_read_is_the_usual_one(standin: StandIn, clock: Clock, waits: Waits, value: str) -> None:
    get(standin, clock, Answer(503, b"", {"Retry-After": value}))
    assert waits == [2.0]


def test_a_wait_within_the_limit_is_respected(standin: StandIn, clock: Clock, waits: Waits) -> None:
    get(standin, clock, Answer(503, b"", {"Retry-After": "Thu, 01 Jan 2026 00:01:00 GMT"}))
    get(standin, clock, Answer(429, b"", {"Retry-After": "0077"}))
    assert waits == [60.0, 77.0]


def test_an_answer_that_drips_is_cut_off(standin: StandIn, clock: Clock) -> None:
    began = time.monotonic()
    with pytest.raises(Unreachable, match="REQUEST_SECONDS"):
        get(standin, clock, Answer(200, b" " * 10_000, seconds_per_byte=0.1), request_seconds=1)
    assert time.monotonic() - began < 5


def test_the_time_of_a_run_is_limited(systems: dict[str, Any], tmp_path: Path) -> None:
    seconds = iter(range(0, 10**6, 50))
    slow = Clock(sleep=lambda _: None, now=lambda: NOW, jitter=lambda: 0.0, monotonic=lambda: float(next(seconds)))
    with pytest.raises(Unreachable, match="CALL_ATTRIBUTION_LIVE_RUN_SECONDS"):
        extract_log("callrail", connect_log("callrail", slow, LiveLimits(run_seconds=60)), tmp_path, [], slow)


def test_a_large_answer_is_cut_off(standin: StandIn, clock: Clock) -> None:
    bomb = Answer(200, gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"})
    with pytest.raises(TooLarge, match="CALL_ATTRIBUTION_LIVE_ANSWER_SIZE"):
        get(standin, clock, bomb, answer_bytes=1_000_000)


def test_a_large_page_is_cut_off_and_leaves_no_file(systems: dict[str, Any], clock: Clock, tmp_path: Path) -> None:
    results = extracted(tmp_path, clock, file_bytes=100)
    assert "CALL_ATTRIBUTION_LIVE_FILE_SIZE" in str(results["Task"].error)
    assert not list((tmp_path / "landing/salesforce/Task").glob("*.csv"))
    assert results["callrail"].rows == 1


def test_the_limits_are_settings() -> None:
    environ = {
        "CALL_ATTRIBUTION_LIVE_WAIT_SECONDS": "30",
        "CALL_ATTRIBUTION_LIVE_ANSWER_SIZE": "1.5 MiB",
        "CALL_ATTRIBUTION_LIVE_FILE_SIZE": "2gb",
    }
    limits = Settings.from_environment(environ).live
    assert limits == LiveLimits(wait_seconds=30, answer_bytes=3 * 2**19, file_bytes=2 * 10**9)
    assert Settings.from_environment({}).live == LiveLimits()
    for name, value in {"WAIT_SECONDS": "\u00b2", "PAGES": "0", "ANSWER_SIZE": "much", "RUN_SECONDS": "1e3"}.items():
        with pytest.raises(SettingsError, match=f"CALL_ATTRIBUTION_LIVE_{name}"):
            Settings.from_environment({f"CALL_ATTRIBUTION_LIVE_{name}": value})


# Where credentials go.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(
    standin: StandIn, systems: dict[str, Any], clock: Clock, tmp_path: Path, status: int
) -> None:
    def redirect(request: Request) -> Answer:
        return Answer(status, b"", {"Location": f"https://{ELSEWHERE}{request.path}"})

    standin.apps[HOST] = standin.apps[RAIL] = Overriding(None, redirect)
    results = extracted(tmp_path, clock)
    assert "redirect" in str(results["Task"].error)
    assert f"HTTP {status}" in str(results["callrail"].error)
    standin.apps[HOST] = Overriding(
        systems[HOST], lambda request: redirect(request) if "limits" in request.path else None
    )
    with pytest.raises(LiveSourceError, match="redirect"):
        run.check_salesforce(settings_in(tmp_path), SALESFORCE, clock)
    assert {request.host for request in standin.requests} == {HOST, RAIL, CTM, INVOCA}


@pytest.mark.parametrize(
    "url",
    [
        f"https://{ELSEWHERE}",
        f"http://{HOST}",
        f"https://{HOST}@{ELSEWHERE}",
        f"https://user:secret@{HOST}",
        f"https://{HOST}:8443",
        f"https://{ELSEWHERE}/{HOST}",
        f"https://{ELSEWHERE}#.salesforce.com",
        "https://salesforce.com.elsewhere.example",
        "https://notsalesforce.com",
        "https://[::1",
        "https://elsewhere.example\\.salesforce.com",
        "//",
        "",
    ],
)
def test_the_token_goes_to_salesforce_only(sf: SalesforceOrg, standin: StandIn, connect: Connect, url: str) -> None:
    standin.faults[0] = lambda request: as_json({"access_token": "t", "instance_url": url})
    with pytest.raises(SignInRefused, match="SALESFORCE_INSTANCE"):
        connect()
    assert len(standin.requests) == 1


@pytest.mark.parametrize(
    "host", ["acme.my.salesforce.com", "na1.salesforce.com", "acme.my.salesforce.mil", "acme.cloudforce.force.com"]
)
def test_hosts_of_salesforce_are_accepted(sf: SalesforceOrg, standin: StandIn, connect: Connect, host: str) -> None:
    standin.faults[0] = lambda request: as_json({"access_token": "t", "instance_url": f"https://{host.upper()}/"})
    assert connect().host == host


def test_an_instance_that_the_user_named_is_accepted(sf: SalesforceOrg, standin: StandIn, connect: Connect) -> None:
    standin.faults[0] = lambda request: as_json({"access_token": "t", "instance_url": "https://crm.acme.example"})
    environ = {**SALESFORCE, "CALL_ATTRIBUTION_SALESFORCE_INSTANCE": "crm.acme.example"}
    assert connect(Credentials.from_environment(environ)).host == "crm.acme.example"
    with pytest.raises(LiveSourceError, match="SALESFORCE_INSTANCE"):
        Credentials.from_environment({**environ, "CALL_ATTRIBUTION_SALESFORCE_INSTANCE": "https://x/"})


def test_netrc_is_not_read(
    standin: StandIn, systems: dict[str, Any], clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password from-netrc\n")
    monkeypatch.setenv("NETRC", str(netrc))
    results = extracted(tmp_path, clock)
    assert not any(result.error for result in results.values())
    somebody = base64.b64encode(b"somebody:from-netrc").decode()
    assert not any(somebody in request.headers.get("Authorization", "") for request in standin.requests)


def test_proxies_come_from_the_environment(
    standin: StandIn, systems: dict[str, Any], clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stand-in refuses every other host: the run must have tried the proxy."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    standin.apps["proxy.example"] = systems[HOST]
    with pytest.raises(Unreachable, match="7 times"):
        extract_log("callrail", connect_log("callrail", clock), tmp_path, [], clock)
    del standin.apps["proxy.example"]


def test_cookies_are_not_kept(standin: StandIn, systems: dict[str, Any], clock: Clock, tmp_path: Path) -> None:
    standin.apps[RAIL] = Overriding(systems[RAIL], lambda request: None)
    standin.faults[0] = lambda request: Answer(500, b"", {"Set-Cookie": "session=1; Path=/"})
    extract_log("callrail", connect_log("callrail", clock), tmp_path, [], clock)
    assert not any("Cookie" in request.headers for request in standin.requests)


# Keys.


@pytest.mark.parametrize("kind", ["encrypted", "elliptic", "no key", "unreadable"])
def test_a_private_key_that_cannot_sign_is_named(
    sf: SalesforceOrg, connect: Connect, tmp_path: Path, kind: str
) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    path = tmp_path / "key.pem"
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "elliptic" else rsa.generate_private_key(65537, 2048)
    protection = serialization.BestAvailableEncryption(b"pass") if kind == "encrypted" else serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)
        if kind != "no key"
        else b"-----BEGIN PRIVATE KEY-----\nbm8ga2V5\n-----END PRIVATE KEY-----\n"
    )
    if kind == "unreadable":
        path.unlink()
        path.mkdir()
    words = {"encrypted": "passphrase", "elliptic": "not an RSA key", "no key": "PEM", "unreadable": "cannot be read"}
    with pytest.raises(SignInRefused, match=f"PRIVATE_KEY_FILE.*{words[kind]}"):
        connect(Credentials("acme.my", "client", username="sync@acme.example", private_key_file=path))


# Answers of another form.

HTML = Answer(200, b"<html>Down for maintenance</html>", {"Content-Type": "text/html"})
DEEP = Answer(200, b"[" * 200_000)
RESULTS = b'"Id"\n"00T000000000000001"\n'
ROWS = {"Sforce-NumberOfRecords": "1", "Sforce-Locator": "null"}
JOB = "750000000000001AAA"
CREATED = "2026-01-01T00:00:00.000+0000"
LATE = "9999-12-31T23:59:59.999-12:00"
WRONG: dict[str, tuple[str, str, Answer]] = {
    "a page for people at the sign-in": (HOST, "/token", HTML),
    "a token that is a list": (HOST, "/token", as_json(["token"])),
    "a token without instance": (HOST, "/token", as_json({"access_token": "t"})),
    "a token with a line break": (
        HOST,
        "/token",
        as_json({"access_token": "t\nX: y", "instance_url": f"https://{HOST}"}),
    ),
    "a page for people at describe": (HOST, "/describe", HTML),
    "describe without fields": (HOST, "/describe", as_json({"name": "Task"})),
    "fields that are no objects": (HOST, "/describe", as_json({"fields": ["Id", None]})),
    "deep nesting": (HOST, "/describe", DEEP),
    "nothing": (HOST, "/describe", Answer(204)),
    "a job without id": (HOST, "/jobs/query", as_json({"createdDate": CREATED})),
    "a job with an odd date": (HOST, "/jobs/query", as_json({"id": JOB, "createdDate": "yesterday"})),
    "a job of the year 9999": (
        HOST,
        "/jobs/query",
        as_json({"id": JOB, "createdDate": LATE}),
    ),
    "a job without zone": (HOST, "/jobs/query", as_json({"id": JOB, "createdDate": "2026-01-01T00:00:00"})),
    "a job that is a path": (
        HOST,
        "/jobs/query",
        as_json({"id": "x/../../../../evil_job2", "createdDate": CREATED}),
    ),
    "a state that is a number": (HOST, JOB, as_json({"state": 7})),
    "results without headers": (HOST, "/results", Answer(200, RESULTS)),
    "an odd number of records": (HOST, "/results", Answer(200, RESULTS, {**ROWS, "Sforce-NumberOfRecords": "\u00b2"})),
    "a negative number of records": (HOST, "/results", Answer(200, RESULTS, {**ROWS, "Sforce-NumberOfRecords": "-1"})),
    "results of another query": (HOST, "/results", Answer(200, b'"Ego"\n"1"\n', ROWS)),
    "results that are a page for people": (HOST, "/results", Answer(200, b"<html>\n<p>\n", ROWS)),
    "results without content": (HOST, "/results", Answer(204)),
    "whole objects elsewhere": (
        HOST,
        "/queryAll",
        as_json({"records": [], "done": False, "nextRecordsUrl": f"https://{ELSEWHERE}/next"}),
    ),
    "whole objects that end early": (HOST, "/queryAll", as_json({"records": [], "done": False})),
    "whole objects with null": (HOST, "/queryAll", as_json({"records": None, "done": True})),
    "CallRail null": (RAIL, ".json", as_json({"calls": None, "total_pages": 1})),
    "CallRail without pages": (RAIL, ".json", as_json({"calls": []})),
    "CallRail rows that are texts": (RAIL, ".json", as_json({"calls": ["a"], "total_pages": 1})),
    "CallRail nested": (RAIL, ".json", DEEP),
    "CallRail page for people": (RAIL, ".json", HTML),
    "CallRail odd total": (RAIL, ".json", as_json({"calls": [], "total_pages": 1, "total_records": "many"})),
    "CTM null": (CTM, "/calls", as_json({"calls": None})),
    "CTM list": (CTM, "/calls", as_json([])),
    "CTM odd next page": (CTM, "/calls", as_json({"calls": [], "next_page": {"page": 2}})),
    "Invoca error": (INVOCA, ".json", as_json({"error": "canary"})),
    "Invoca without ids": (INVOCA, ".json", as_json([{"transaction_id": None}])),
    "Invoca rows that are lists": (INVOCA, ".json", as_json([[1]])),
}
OF = {HOST: "Task", RAIL: "callrail", CTM: "calltrackingmetrics", INVOCA: "invoca"}


@pytest.mark.parametrize("case", WRONG)
def test_an_answer_of_another_form_is_one_error_of_its_source(
    standin: StandIn, systems: dict[str, Any], clock: Clock, tmp_path: Path, case: str
) -> None:
    host, ending, answer = WRONG[case]
    standin.apps[host] = Overriding(systems[host], on(ending, answer))
    results = extracted(tmp_path, clock)
    concerned = "CurrencyType" if ending == "/queryAll" else OF[host]
    assert results[concerned].error and "fault of this program" not in str(results[concerned].error)
    others = [name for name in OF.values() if name != concerned]
    assert all(results[name].error is None and results[name].rows for name in others), results
    outside = [path for path in tmp_path.rglob("*evil*")]
    assert not outside
    # The source recovers.
    standin.apps[host] = systems[host]
    again = extracted(tmp_path, clock, only=concerned)[concerned]
    # A saved job is resumed, and a second one extracts what has changed since.
    assert again.error is None and again.rows in (1, 2)


def test_every_row_costs_only_itself(standin: StandIn, systems: dict[str, Any], clock: Clock, tmp_path: Path) -> None:
    """Half an emoji, text that is not UTF-8, a number without end, a row without id: the others are landed."""
    rows = (
        b'{"id": "a", "start_time": "2026-01-01T00:00:00Z", "note": "thanks \\ud83d"},'
        b'{"id": "b", "start_time": "2026-01-01T00:00:00Z", "\\udc00": "\\udc00\\ud83d"},'
        b'{"id": "c", "start_time": "2026-01-01T00:00:00Z", "note": "caf\xe9"},'
        b'{"id": "d", "start_time": "2026-01-01T00:00:00Z", "value": ' + b"9" * 5000 + b"},"
        b'{"start_time": "2026-01-01T00:00:00Z"},'
        b'{"id": "e", "start_time": "2026-01-01T00:00:00Z", "note": "\\ud83d\\ude00"}'
    )
    body = b'{"calls": [' + rows + b'], "total_pages": 1, "total_records": 6}'
    standin.apps[RAIL] = Overriding(systems[RAIL], lambda request: Answer(200, body))
    result = extracted(tmp_path, clock)["callrail"]
    assert result.error is None
    [path] = (tmp_path / "landing/calls/callrail").glob("*.gz")
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    assert {line.get("id") for line in lines} == {"a", "b", "c", "d", "e", None}
    notes = {line.get("id"): line.get("note") for line in lines}
    assert notes["a"] == "thanks \ufffd" and notes["c"] == "caf\ufffd" and notes["e"] == "\U0001f600"


def test_fields_cannot_make_a_file_that_landing_refuses(
    standin: StandIn, systems: dict[str, Any], clock: Clock, tmp_path: Path
) -> None:
    call = {"start_time": "2026-01-01T00:00:00Z", "note": "fine"}
    rows = [
        {"id": "a", "k" * 400: "x"} | call,
        *({"id": f"b{n}"} | call | {f"{n}-{i}": "x" for i in range(99)} for n in range(30)),
    ]
    body = json.dumps({"calls": rows, "total_pages": 1, "total_records": len(rows)}).encode()
    standin.apps[RAIL] = Overriding(systems[RAIL], lambda request: Answer(200, body))
    assert extracted(tmp_path, clock)["callrail"].error is None
    [path] = (tmp_path / "landing/calls/callrail").glob("*.gz")
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    assert [(line["id"], line["note"]) for line in lines] == [(row["id"], "fine") for row in rows]
    names = set().union(*lines)
    assert len(names) == 500 and max(map(len, names)) <= 300


@given(st.text(min_size=1))
def test_an_id_is_never_a_path_and_comes_back(source_id: str) -> None:
    name = name_of_id(source_id)
    assert set(name) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-%")
    assert id_of_name(name) == source_id


def test_ids_with_odd_signs_stay_in_the_folder_and_the_chain_goes_on(
    standin: StandIn, systems: dict[str, Any], clock: Clock, tmp_path: Path
) -> None:
    ids = ["x/../../../../../evil_invoca", "a_b.c", "\u00fc\u00e4", "%2F", "T-1"]
    asked: list[str] = []

    def answer(request: Request) -> Answer:
        after = request.params["start_after_transaction_id"]
        asked.append(after)
        return as_json([{"transaction_id": one} for one in ids[ids.index(after) + 1 if after else 0 :][:1]])

    standin.apps[INVOCA] = Overriding(None, answer)
    log = connect_log("invoca", clock)
    found = extract_log("invoca", log, tmp_path, [], clock)
    assert found.rows == len(ids) and asked == ["", *ids]
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} == {tmp_path / "calls/invoca"}
    asked.clear()
    extract_log("invoca", log, tmp_path, found.files, clock)
    assert asked == [ids[-1]]


# Lists that do not end.


def test_locators_that_repeat_end_the_extraction_and_the_next_run_starts_again(
    sf: SalesforceOrg, standin: StandIn, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    for number in range(3):
        sf.save("Task", f"00T{number:015d}")
    sf.max_page, sf.polls = 1, 0

    def looping(request: Request) -> Answer | None:
        if not request.path.endswith("/results"):
            return None
        answer = sf.answer(request)
        locator = {"null": "1"}.get(answer.headers["Sforce-Locator"], answer.headers["Sforce-Locator"])
        return Answer(200, answer.body, {**answer.headers, "Sforce-Locator": locator})

    standin.apps[HOST] = Overriding(sf, looping)
    with pytest.raises(EndlessList, match="back to a page"):
        extract(connect(), task, landing_dir, [])
    folder = landing_dir / "salesforce/Task"
    assert not (folder / STATE_FILE).exists() and len(list(folder.glob("*.csv"))) == 3
    standin.apps[HOST] = sf
    sf.now += timedelta(hours=1)
    landed = [path.name for path in folder.glob("*.csv")]
    result = extract(connect(), task, landing_dir, landed)
    assert result.since is None and result.rows == 3 and not result.is_resumed


def test_lists_without_end_stop_at_the_allowed_pages(
    standin: StandIn, systems: dict[str, Any], clock: Clock, tmp_path: Path
) -> None:
    """Always new positions: only the number of pages can end them."""
    numbers = iter(range(10**9))
    endless: dict[str, Fault] = {
        HOST: lambda request: (
            Answer(200, systems[HOST].answer(request).body, {**ROWS, "Sforce-Locator": f"L{next(numbers)}"})
            if request.path.endswith("/results")
            else as_json({"records": [], "done": False, "nextRecordsUrl": f"{VERSION_PATH}query/01g{next(numbers)}-1"})
            if "/query" in request.path and "jobs" not in request.path
            else None
        ),
        RAIL: lambda request: as_json({"calls": [{"id": next(numbers)}], "total_pages": 10**9}),
        CTM: lambda request: as_json(
            {"calls": [{"id": next(numbers)}], "next_page": f"https://x/?page={next(numbers)}&start_date=1999-01-01"}
        ),
        INVOCA: lambda request: as_json([{"transaction_id": next(numbers)}]),
    }
    for host, fault in endless.items():
        standin.apps[host] = Overriding(systems[host], fault)
    sf: SalesforceOrg = systems[HOST]
    sf.answer = (  # results at any locator
        lambda request, true=sf.answer: true(replace(request, params={**request.params, "locator": "0"}))
    )  # pyright: ignore[reportAttributeAccessIssue]
    results = extracted(tmp_path, clock, pages=5)
    for result in results.values():
        assert "CALL_ATTRIBUTION_LIVE_PAGES" in str(result.error), result
    of_ctm = [request.params for request in standin.requests if request.host == CTM]
    assert all(params["start_date"] != "1999-01-01" for params in of_ctm)


def test_an_empty_page_does_not_end_a_list_that_has_more(standin: StandIn, clock: Clock) -> None:
    """Without `total_records`, nothing else shows that calls are missing."""
    pages: dict[str, list[dict[str, str]]] = {"1": [{"id": "a"}], "2": [], "3": [{"id": "b"}]}

    def page(request: Request) -> Answer | None:
        if "spam" in request.params:
            return as_json({"calls": [], "total_pages": 1})
        return as_json({"calls": pages[request.params["page"]], "total_pages": 3})

    standin.apps[RAIL] = Overriding(None, page)
    rows = connect_log("callrail", clock).read(NOW.date(), NOW.date())
    assert [row["id"] for row in rows] == ["a", "b"]


@pytest.mark.parametrize("landed", [False, True])
def test_transactions_in_a_circle_end_the_extraction(
    standin: StandIn, systems: dict[str, Any], clock: Clock, tmp_path: Path, landed: bool
) -> None:
    following = {"": "A", "A": "B", "B": "C", "C": "A"}
    standin.apps[INVOCA] = Overriding(
        None, lambda request: as_json([{"transaction_id": following[request.params["start_after_transaction_id"]]}])
    )
    log = connect_log("invoca", clock)
    for _ in range(2):
        names = [path.name for path in tmp_path.rglob("*.gz")] if landed else []
        with pytest.raises(EndlessList):
            extract_log("invoca", log, tmp_path, names, clock)
        # If the first run's files have landed, the second run resumes after them and notices the circle at once.
        assert len({path.name.split("_", 1)[1] for path in tmp_path.rglob("*.gz")}) == 3


def test_whole_objects_in_a_circle_end_the_extraction(
    sf: SalesforceOrg, standin: StandIn, connect: Connect, landing_dir: Path
) -> None:
    circle = as_json({"records": [], "done": False, "nextRecordsUrl": f"{VERSION_PATH}query/01gA-2000"})
    standin.apps[HOST] = Overriding(sf, lambda request: circle if "/query" in request.path else None)
    with pytest.raises(EndlessList):
        extract(connect(), salesforce_tables()["CurrencyType"], landing_dir, [])


# One at a time.


def test_a_second_extraction_ends_with_a_message_and_touches_nothing(
    systems: dict[str, Any], clock: Clock, tmp_path: Path
) -> None:
    chosen = settings_in(tmp_path)
    tables = run.live_tables(chosen, EVERYTHING)
    first = run.extract_all(chosen, tables, EVERYTHING, clock=clock)
    next(first)
    part = tmp_path / "landing/calls/callrail/20260101T000000000000Z_start_2026-01-01.jsonl.gz.part"
    part.parent.mkdir(parents=True)
    part.touch()
    assert lock.is_held(chosen.extraction_lock)
    for second in (run.extract_all, run.reconcile_all):
        with pytest.raises(AnotherExtraction, match="is running"):
            next(second(chosen, tables, EVERYTHING, clock=clock))
    assert part.exists()
    assert all(result.error is None for result in first)
    assert not lock.is_held(chosen.extraction_lock)


def test_the_schedules_skip_while_an_extraction_runs(tmp_path: Path) -> None:
    chosen = settings_in(tmp_path)
    defs = live_definitions(chosen, SALESFORCE)
    for schedule in defs.schedules or ():
        assert isinstance(schedule, dg.ScheduleDefinition)
        with dg.DagsterInstance.ephemeral() as instance, dg.build_schedule_context(instance) as context:
            assert schedule.evaluate_tick(context).run_requests
            with lock.exclusive(chosen.extraction_lock, "a test"):
                assert not schedule.evaluate_tick(context).run_requests


# Nothing leaks.

SECRETS = (
    CLIENT_SECRET,
    CLIENT_ID,
    "00D-token-1",
    *(value for name, value in ENVIRONMENT.items() if "s3cret" in value),
    f"{CLIENT_ID}:{CLIENT_SECRET}",
    "access-s3cret:secret-s3cret",
    *canaries.PERSONAL,
)
ECHOES: dict[str, Callable[[Request], Answer]] = {}


def echo(request: Request) -> str:
    """Everything that a server knows of a request, and what it stores."""
    decoded = base64.b64decode(request.headers.get("Authorization", "").removeprefix("Basic ") + "==", validate=False)
    known = (request.headers, request.params, request.body.decode(), decoded.decode(errors="replace"), *SECRETS)
    return " ".join(str(one) for one in known)


LISTS = ("fields", "records", "calls", "sObjects")


def leaking(kind: str, request: Request) -> Answer:
    text = echo(request)
    line = text.replace("\n", " ")
    errors = [{"errorCode": text, "message": text, "error": text, "error_description": text}]
    if kind == "not approved":
        return as_json({"error": "invalid_grant", "error_description": "user hasn't approved this consumer"}, 400)
    if kind.startswith("text"):
        return Answer(int(kind.split()[1]), text.encode())
    if kind.startswith("list"):
        return as_json(errors, int(kind.split()[1]))
    if kind.startswith("object"):
        return as_json(errors[0], int(kind.split()[1]))
    if kind == "headers":
        return Answer(400, b"", {"X-Debug": line, "Warning": line, "Retry-After": line, "WWW-Authenticate": line})
    if kind == "redirect":
        return Answer(307, b"", {"Location": f"https://{ELSEWHERE}/?{line}"})
    if kind == "encoding":
        return Answer(200, text.encode(), {"Content-Encoding": "gzip"})
    if kind == "shapes":
        return as_json(
            {
                **dict.fromkeys(("access_token", "instance_url", "id", "createdDate", "state", "errorMessage"), text),
                **{key: [dict.fromkeys((text, "name", "type"), text)] for key in LISTS},
                **dict.fromkeys(("total_pages", "total_records", "next_page", "done", "nextRecordsUrl"), text),
            }
        )
    if kind == "failed job":
        return as_json({"id": JOB, "createdDate": CREATED, "state": "Failed", "errorMessage": text})
    raise AssertionError(kind)


LEAKS = (
    "not approved",
    *(f"text {status}" for status in (200, 400, 403, 500)),
    *(f"list {status}" for status in (200, 400, 401, 404)),
    *(f"object {status}" for status in (200, 400, 401)),
    "headers",
    "redirect",
    "encoding",
    "shapes",
    "failed job",
)


@pytest.mark.parametrize("after_sign_in", [False, True])
@pytest.mark.parametrize("kind", LEAKS)
def test_what_a_server_echoes_is_written_nowhere(
    standin: StandIn,
    systems: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    kind: str,
    after_sign_in: bool,
) -> None:
    if after_sign_in and kind == "not approved":
        pytest.skip("an answer to a sign-in")
    for host in OF:
        standin.apps[host] = Overriding(
            systems[host],
            lambda request: None if after_sign_in and request.path.endswith("/token") else leaking(kind, request),
        )
    monkeypatch.setenv("CALL_ATTRIBUTION_LANDING_DIR", str(tmp_path / "landing"))
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    settings = replace(settings_in(tmp_path), live=LiveLimits(pages=3))
    clock = Clock(sleep=lambda seconds: None, now=lambda: NOW, jitter=lambda: 0.0)
    written: list[str] = []
    with caplog.at_level("DEBUG"), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        tables = run.live_tables(settings, EVERYTHING)
        for one in (run.extract_all, run.reconcile_all):
            for result in one(settings, tables, EVERYTHING, written.append, clock):
                written.append(repr(result))
                assert "fault of this program" not in str(result.error), result
                # What the org does not have is left out, and whole objects are not compared.
                assert result.error or result.table.name == "CurrencyType", result
        with contextlib.suppress(LiveSourceError):
            written += run.check_salesforce(settings, EVERYTHING, clock).lines()
    written += [caplog.text, *capfd.readouterr(), *(str(one.message) for one in warned)]
    written += [f"{path} {path.read_bytes()}" for path in tmp_path.rglob("*") if path.is_file()]
    assert not canaries.found_in("\n".join(written), SECRETS)


def test_what_a_server_echoes_is_not_in_dagsters_storage(
    standin: StandIn, systems: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for host in OF:
        standin.apps[host] = Overriding(systems[host], lambda request: leaking("text 400", request))
    defs = live_definitions(settings_in(tmp_path), EVERYTHING)
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as instance:
        result = defs.resolve_job_def("extract_live").execute_in_process(instance=instance, raise_on_error=False)
        assert not result.success
        written = "".join(str(event) for event in result.all_events)
    written += "".join(path.read_bytes().decode(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
    assert "HTTP 400" in written
    assert not canaries.found_in(written + "".join(capfd.readouterr()), SECRETS)


def test_the_search_for_canaries_finds_them() -> None:
    planted = base64.b64encode(b"Authorization: secret-s3cret and more").decode()
    assert canaries.found_in(planted, ["secret-s3cret"]) and canaries.found_in("+12065550142", canaries.PERSONAL)
    assert not canaries.found_in("nothing", SECRETS)


# Whatever a server answers.

NAMES = """
    access_token instance_url id createdDate state errorMessage errorCode fields name type records done nextRecordsUrl
    calls total_pages total_records next_page total_entries transaction_id sObjects count DailyApiRequests
"""
KEYS = st.sampled_from(NAMES.split())
TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            "JobComplete",
            JOB,
            "string",
            "Id",
            f"https://{HOST}",
            "2026-01-01T00:00:00.000+0000",
            "\ud83d",
            "../x",
            "1",
        ]
    ),
    st.text(st.characters(codec=None), max_size=5),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 10**20), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS | TEXTS, inner, max_size=6)),
    max_leaves=12,
)
LATIN = st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"])
HEADERS = st.dictionaries(
    st.sampled_from(["Sforce-NumberOfRecords", "Sforce-Locator", "Retry-After", "Content-Type", "Location"]),
    st.one_of(st.sampled_from(["0", "1", "null", "-1", ""]), st.text(LATIN, max_size=8)),
    max_size=3,
)
ANSWERS = st.builds(
    lambda status, value, headers: Answer(
        status, value if isinstance(value, bytes) else json.dumps(value).encode(), headers
    ),
    st.sampled_from([200, 200, 200, 200, 201, 204, 302, 400, 401, 404, 429, 500]),
    st.one_of(VALUES, VALUES, VALUES, st.binary(max_size=30)),
    HEADERS,
)


@pytest.mark.slow
@settings(
    max_examples=2000 if FULL else 20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    host=st.sampled_from(list(OF)),
    number=st.integers(0, 6),
    answers=st.lists(ANSWERS, min_size=1, max_size=3),
)
def test_any_answer_is_an_error_of_its_source_or_a_success(
    standin: StandIn, host: str, number: int, answers: list[Answer]
) -> None:
    """From the given request on, a system answers anything, each time the next of these."""
    systems = new_systems(standin)
    count = iter(range(10**9))

    def anything(request: Request) -> Answer | None:
        turn = next(count) - number
        return answers[turn % len(answers)] if turn >= 0 else None

    standin.apps[host] = Overriding(systems[host], anything)
    clock = Clock(sleep=lambda seconds: None, now=lambda: NOW, jitter=lambda: 0.0)
    with TemporaryDirectory() as name:
        folder = Path(name)
        results = extracted(folder, clock, pages=5)
        errors = {table: result.error for table, result in results.items()}
        assert not [error for error in errors.values() if error and "fault of this program" in error]
        assert not [table for other, table in OF.items() if other != host and errors[table]], errors
        written = {path.relative_to(folder).parts[:2] for path in folder.rglob("*") if path.is_file()}
        allowed = {("landing", "salesforce"), ("landing", "calls"), ("landing", ".extraction.lock")}
        assert written <= allowed | {(".warehouse.duckdb.lock",)}
