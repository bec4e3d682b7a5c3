"""Alerts reach a real web server and a real mail server, and contain nothing but names, times and counts."""

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration.defs.alerts.sensors import alert_definitions
from orchestration.lib import mail as mail_module
from orchestration.lib.alerts import AlertError, Alerts, day_without_calls
from orchestration.lib.settings import Settings, SettingsError
from orchestration.lib.sources.http import Clock
from tests import canaries
from tests.harness import settings_in
from tests.live.standin import Answer, Request, StandIn

HOOK = "hooks.slack.com"
WEBHOOK = {"CALL_ATTRIBUTION_ALERT_WEBHOOK": f"https://{HOOK}/services/T0/B0/h00k-s3cret"}


class Hook:
    """Slack's incoming webhook."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.status = 200

    def answer(self, request: Request) -> Answer:
        if self.status == 200:
            self.texts.append(json.loads(request.body)["text"])
        return Answer(self.status, f"no: {request.path}".encode())


@pytest.fixture
def hook(standin: StandIn) -> Hook:
    standin.reset()
    standin.apps[HOOK] = app = Hook()
    return app


class Mailbox(socketserver.StreamRequestHandler):
    """Enough of SMTP to receive a message."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            command = line[:4].upper()
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                message = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    message += part
                self.server.messages.append(message.decode())  # pyright: ignore[reportAttributeAccessIssue]
            if command == b"RCPT" and b"refused" in line:
                self.wfile.write(b"550 jane.doe@canary.example is not here\r\n")
                continue
            self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 fine\r\n")
            if command == b"QUIT":
                return


@pytest.fixture
def mail() -> Iterator[socketserver.ThreadingTCPServer]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox)
    server.messages = []  # pyright: ignore[reportAttributeAccessIssue]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def mail_settings(server: socketserver.ThreadingTCPServer, to: str = "ops@acme.example, boss@acme.example") -> Alerts:
    environ = {
        "CALL_ATTRIBUTION_ALERT_EMAIL": to,
        "CALL_ATTRIBUTION_ALERT_SMTP": f"smtp://127.0.0.1:{server.server_address[1]}",
    }
    alerts = Alerts.from_environment(environ)
    assert alerts is not None
    return alerts


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def publish(settings: Settings, *called_at: datetime) -> None:
    settings.marts.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.marts)) as connection:
        connection.execute("create or replace table fct_calls (called_at timestamp, is_counted boolean)")
        # An email, of which Salesforce makes a Task too, and which is newer than every call.
        connection.execute("insert into fct_calls values ('2999-06-01', false)")
        for time in called_at:
            connection.execute("insert into fct_calls values (?, true)", [time])


def test_mail_arrives(mail: socketserver.ThreadingTCPServer) -> None:
    mail_settings(mail).send(["Run of build failed.", "Dagster run 1"])
    [message] = mail.messages  # pyright: ignore[reportAttributeAccessIssue]
    assert "Subject: Call attribution: Run of build failed." in message and "To: ops@acme.example" in message


def test_a_server_that_refuses_is_not_quoted(mail: socketserver.ThreadingTCPServer, hook: Hook, clock: Clock) -> None:
    with pytest.raises(AlertError, match="ALERT_SMTP") as failure:
        mail_settings(mail, "refused@acme.example").send(["text"])
    assert not canaries.found_in(str(failure.value), canaries.PERSONAL) and failure.value.__context__ is None
    hook.status = 404
    alerts = Alerts.from_environment(WEBHOOK)
    assert alerts is not None and "s3cret" not in repr(alerts)
    with pytest.raises(AlertError, match=r"HTTP 404.*ALERT_WEBHOOK") as failure:
        alerts.send(["text"])
    assert "s3cret" not in str(failure.value)
    hook.status = 500
    with pytest.raises(AlertError, match=r"Unreachable.*ALERT_WEBHOOK") as unreachable:
        alerts.send(["text"], clock)
    assert "s3cret" not in str(unreachable.value)


def test_a_webhook_that_fails_does_not_silence_the_mail(
    mail: socketserver.ThreadingTCPServer, hook: Hook, clock: Clock
) -> None:
    hook.status = 404
    alerts = replace(mail_settings(mail), webhook=WEBHOOK["CALL_ATTRIBUTION_ALERT_WEBHOOK"])
    [failure] = alerts.send(["Run of build failed."], clock)
    assert "ALERT_WEBHOOK" in failure
    assert len(mail.messages) == 1  # pyright: ignore[reportAttributeAccessIssue]


class Endless(socketserver.StreamRequestHandler):
    """Answers for ever, so no single answer takes too long."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        with suppress(OSError):
            while True:
                self.wfile.write(b"250-and more\r\n" * 1000)


def test_a_mail_server_cannot_hold_a_sensor_or_take_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_module, "SECONDS", 3)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Endless) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        begun = time.monotonic()
        with pytest.raises(AlertError, match="ALERT_SMTP"):
            mail_settings(server).send(["text"])
        assert time.monotonic() - begun < 20
        server.shutdown()


def test_a_password_is_never_sent_in_clear_text(mail: socketserver.ThreadingTCPServer) -> None:
    environ = {
        "CALL_ATTRIBUTION_ALERT_EMAIL": "ops@acme.example",
        "CALL_ATTRIBUTION_ALERT_SMTP": f"smtp://user:p4ss@127.0.0.1:{mail.server_address[1]}",
    }
    alerts = Alerts.from_environment(environ)
    assert alerts is not None
    with pytest.raises(AlertError):
        alerts.send(["text"])
    assert not mail.messages  # pyright: ignore[reportAttributeAccessIssue]


_SMTP = {"CALL_ATTRIBUTION_ALERT_SMTP": "smtp://127.0.0.1:25"}


@pytest.mark.parametrize(
    "environ",
    [
        {"CALL_ATTRIBUTION_ALERT_WEBHOOK": "http://h00k-s3cret.example"},
        {"CALL_ATTRIBUTION_ALERT_WEBHOOK": "h00k-s3cret"},
        {"CALL_ATTRIBUTION_ALERT_EMAIL": "ops@acme.example"},
        {"CALL_ATTRIBUTION_ALERT_EMAIL": "s3cret@acme.example\nb@acme.example", **_SMTP},
        {"CALL_ATTRIBUTION_ALERT_EMAIL": "ops@acme.example", "CALL_ATTRIBUTION_ALERT_SMTP": "smtp://h00k-s3cret:x"},
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="CALL_ATTRIBUTION_ALERT_") as failure:
        Alerts.from_environment(environ)
    assert "s3cret" not in str(failure.value)


def test_a_day_without_calls(settings: Settings) -> None:
    assert day_without_calls(settings.marts) is None
    publish(settings)
    assert day_without_calls(settings.marts) is None
    publish(settings, datetime(2026, 1, 1, 9), datetime(2026, 1, 2, 9, 30))
    assert day_without_calls(settings.marts, datetime(2026, 1, 3, 9, 30, tzinfo=UTC)) is None
    line = day_without_calls(settings.marts, datetime(2026, 1, 3, 9, 31, tzinfo=UTC))
    assert line and "2026-01-02 09:30" in line


@pytest.mark.parametrize("time", ["0001-01-01 (BC) 00:00:00", "10000-01-01 00:00:00", "infinity", "-infinity"])
def test_a_call_in_a_year_that_python_does_not_know_is_not_the_newest(settings: Settings, time: str) -> None:
    publish(settings, datetime(2026, 1, 1, 9))
    with duckdb.connect(str(settings.marts)) as connection:
        connection.execute("UPDATE fct_calls SET called_at = ?::timestamp", [time])
    assert day_without_calls(settings.marts) is None


def test_marts_that_cannot_be_read_are_reported_in_our_words(settings: Settings) -> None:
    """DuckDB's text would be in the sensor's tick."""
    settings.marts.parent.mkdir(parents=True)
    settings.marts.write_bytes(b"jane@acme.example")
    line = day_without_calls(settings.marts)
    assert line == (
        "The published marts cannot be read: the file is damaged, or another version of DuckDB wrote it. "
        "`make rollback` publishes an earlier version."
    )


def test_without_settings_there_is_no_sensor(settings: Settings) -> None:
    assert not alert_definitions(settings, {}).sensors


def test_sensors_report_a_failed_run_and_each_problem_once(
    settings: Settings, hook: Hook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    @dg.op
    def break_down() -> None:
        raise dg.Failure(f"{canaries.PERSONAL[0]} is broken")

    @dg.job
    def build() -> None:
        break_down()

    @dg.asset
    def published_marts() -> None: ...

    failed_run, stale_data = list(alert_definitions(settings, WEBHOOK).sensors or ())
    assert isinstance(failed_run, dg.SensorDefinition) and isinstance(stale_data, dg.SensorDefinition)
    with dg.DagsterInstance.ephemeral() as instance:
        result = build.execute_in_process(instance=instance, raise_on_error=False)
        context = dg.build_run_status_sensor_context(
            sensor_name="failed_run",
            dagster_event=result.get_run_failure_event(),
            dagster_instance=instance,
            dagster_run=result.dagster_run,
        ).for_run_failure()
        failed_run(context)
        assert f"Run of build failed at break_down.\nDagster run {result.run_id}" in hook.texts[0]
        assert not canaries.found_in(hook.texts[0], canaries.PERSONAL)

        def tick(cursor: str | None) -> str | None:
            evaluated = stale_data.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=cursor))
            return evaluated.cursor

        cursor = tick(None)
        assert len(hook.texts) == 1
        dg.materialize([published_marts], instance=instance)
        publish(settings, datetime(2020, 1, 1))
        monkeypatch.setattr("orchestration.defs.alerts.sensors.FAIL_WINDOW", timedelta(hours=-1))
        for _ in range(2):
            cursor = tick(cursor)
        assert len(hook.texts) == 2 and "freshness check" in hook.texts[1] and "No call" in hook.texts[1]
        publish(settings, datetime(2999, 1, 1))
        cursor = tick(cursor)
        publish(settings, datetime(2020, 1, 1))
        tick(cursor)
        assert len(hook.texts) == 3 and "freshness" not in hook.texts[2]
