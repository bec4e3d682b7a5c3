"""Servers that never answer, or never end an answer: one error, within the allowed time."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine

from orchestration.lib import lock
from orchestration.lib.settings import PROJECT_DIR, LiveLimits
from orchestration.lib.sources import copying, run
from orchestration.lib.sources.run import ExtractionResult
from tests.harness import Project
from tests.sources.test_databases import DDL, execute, put

PASSWORD = "secret-word"


@contextmanager
def server(answer: Callable[[socket.socket], None] = lambda connection: None) -> Iterator[int]:
    """The port of a server that gives each connection to `answer` and never closes it."""
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                connections.append(connection)
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for connection in connections:
                connection.close()


def project_with(folder: Path, document: dict, **limits: int) -> Project:
    config = folder / "config"
    config.mkdir()
    (config / "sources.yml").write_text(yaml.safe_dump(document))
    return Project(folder, config_dir=config, live=replace(LiveLimits(), **limits))


def database(variable: str, **tables: str) -> dict:
    named = {f"salesforce/{name}": table for name, table in tables.items()}
    return {"url_variable": variable, "cursor": "_fivetran_synced", "tables": named}


def extract(project: Project) -> dict[str, ExtractionResult]:
    tables = run.live_tables(project.settings, {})
    return {result.table.name: result for result in run.extract_all(project.settings, tables)}


def files(project: Project) -> list[str]:
    """What landing would read."""
    found = project.settings.landing_dir.rglob("[!.]*")
    return [path.name for path in found if path.is_file() and path.suffix != ".part"]


@pytest.mark.parametrize(
    ("limits", "setting"),
    [
        ({"run_seconds": 5}, "used its 5 seconds for this source (CALL_ATTRIBUTION_LIVE_RUN_SECONDS)"),
        ({"request_seconds": 2}, "did not answer within 2 seconds (CALL_ATTRIBUTION_LIVE_REQUEST_SECONDS)"),
    ],
)
def test_a_silent_database_is_one_error_and_the_others_go_on(
    tmp_path: Path, engine_of_another: Engine, monkeypatch: pytest.MonkeyPatch, limits: dict[str, int], setting: str
) -> None:
    silent = database("SILENT_URL", Lead="salesforce.lead", Contact="salesforce.contact")
    answering = database("TEST_DATABASE_URL", Task="salesforce.task")
    project = project_with(tmp_path, {"databases": [silent, answering]}, **limits)
    with server() as port:
        monkeypatch.setenv("SILENT_URL", f"postgresql+psycopg2://test:{PASSWORD}@127.0.0.1:{port}/postgres")
        began = time.monotonic()
        results = extract(project)
    # The second table of the silent database does not wait for it again.
    assert time.monotonic() - began < 25
    assert results["Lead"].error == results["Contact"].error
    assert setting in str(results["Lead"].error) and PASSWORD not in str(results["Lead"].error)
    assert (results["Task"].error, results["Task"].rows) == (None, 1)
    assert len(files(project)) == 1
    assert not lock.is_held(project.settings.extraction_lock)


@pytest.fixture
def engine_of_another(database: Engine) -> Engine:
    execute(database, DDL.format(kind="timestamptz"))
    put(database, 1, "2024-05-02 00:00:00+00")
    return database


LISTING = """<?xml version="1.0"?>
<ListBucketResult><Name>acme</Name><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>
<Contents><Key>web/sessions/a.csv</Key><LastModified>2024-05-01T00:00:00.000Z</LastModified><ETag>"1"</ETag>
<Size>1000000</Size></Contents></ListBucketResult>"""


def send_listing(connection: socket.socket) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {len(LISTING)}\r\n\r\n"
    connection.sendall((head + LISTING).encode())


def trickle(connection: socket.socket) -> None:
    """A store that lists one object and sends it a byte at a time."""
    try:
        while request := connection.recv(65536).decode(errors="replace"):
            if "list-type" in request:
                send_listing(connection)
                continue
            head = 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\nETag: "1"\r\n\r\n'
            connection.sendall(head.encode())
            while not request.startswith("HEAD"):
                connection.sendall(b"x")
                time.sleep(0.1)
    except OSError:
        pass


STORE = {"object_store": {"url": "s3://acme", "tables": ["web/sessions"]}}


def connect_store(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": PASSWORD,
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)


def test_an_object_that_never_ends_is_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = project_with(tmp_path, STORE, run_seconds=6)
    with server(trickle) as port:
        connect_store(monkeypatch, port)
        began = time.monotonic()
        results = extract(project)
    assert time.monotonic() - began < 20
    assert "s3://acme/web/sessions: the run has used its 6 seconds" in str(results["sessions"].error)
    assert list(project.settings.landing_dir.rglob("*.part")), "it was copying"
    assert files(project) == []
    assert not lock.is_held(project.settings.extraction_lock)


def flood(connection: socket.socket) -> None:
    """The same store, with an answer that never ends instead of the object."""
    block = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    try:
        while request := connection.recv(65536).decode(errors="replace"):
            if "list-type" in request:
                send_listing(connection)
                continue
            connection.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: "1"\r\n\r\n')
            while not request.startswith("HEAD"):
                connection.sendall(block)
    except OSError:
        pass


def test_an_answer_that_never_ends_is_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "MEMORY", 500 * 1024**2)
    project = project_with(tmp_path, STORE, run_seconds=120)
    with server(flood) as port:
        connect_store(monkeypatch, port)
        began = time.monotonic()
        results = extract(project)
    assert time.monotonic() - began < 60, "it ends with its memory, not with its time"
    assert str(results["sessions"].error).startswith("s3://acme/web/sessions cannot be ")
    assert files(project) == []


def test_a_killed_extraction_leaves_no_process_and_shows_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_with(tmp_path, {"databases": [database("SILENT_URL", Lead="salesforce.lead")]})
    accepted = threading.Event()
    with server(lambda connection: accepted.set()) as port:
        monkeypatch.setenv("SILENT_URL", f"postgresql+psycopg2://test:{PASSWORD}@127.0.0.1:{port}/postgres")
        environment = {
            **os.environ,
            **project.settings.environment(),
            "CALL_ATTRIBUTION_LIVE_TABLES": "salesforce/Lead",
        }
        command = [sys.executable, "-m", "orchestration", "extract"]
        parent = subprocess.Popen(
            command, cwd=PROJECT_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert accepted.wait(60)
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(parent.pid)], capture_output=True, text=True, check=True
        )
        assert "orchestration.lib.sources.copying" in listed.stdout and PASSWORD not in listed.stdout
        (child,) = re.findall(r"^ *(\d+)", listed.stdout, re.MULTILINE)
        parent.send_signal(signal.SIGKILL)
        parent.communicate()
        deadline = time.monotonic() + 10
        while Path(f"/proc/{child}").exists() and "zombie" not in Path(f"/proc/{child}/status").read_text():
            assert time.monotonic() < deadline, "it goes on without the run"
            time.sleep(0.1)


def test_a_process_whose_run_is_gone_ends() -> None:
    """Also if the run ended before the process could look: its number then belongs to no parent."""
    code = "import time; from orchestration.lib import child; child.end_with(0); time.sleep(60)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT_DIR, timeout=30).returncode == 1
