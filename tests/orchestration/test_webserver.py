"""Dagster's web interface: other web pages and foreign names get nothing, and start nothing."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from orchestration.lib.settings import PROJECT_DIR
from orchestration.runtime import services
from orchestration.runtime.webserver import LOCAL_HOSTS, Guard
from tests.report.conftest import browser  # noqa: F401

OWN = {"host": "localhost:3000", "origin": "http://localhost:3000", "sec-fetch-site": "same-origin"}


def answer(method: str, path: str, headers: dict[str, str], kind: str = "http") -> int:
    """The status of a request to a guarded app that answers everything with 200; 101 for an open web socket."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200 if scope["type"] == "http" else 101, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    path, _, query = path.partition("?")
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "path": path, "query_string": query.encode(), "headers": raw}
    if kind == "http":
        scope["method"] = method
    asyncio.run(Guard(app, LOCAL_HOSTS)(scope, receive, send))
    return sent[0].get("status", 403)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/graphql", OWN),
        ("POST", "/graphql", {"host": "127.0.0.1:3000"}),  # a program of the user
        ("GET", "/", {"host": "[::1]:3000", "sec-fetch-site": "none"}),
        ("GET", "/graphql", {"host": "localhost:3000", "sec-fetch-site": "none"}),
        # A link in a mail or a chat to the page of a run.
        ("GET", "/runs/1", {"host": "localhost", "sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}),
    ],
)
def test_the_interface_itself_is_answered(method: str, path: str, headers: dict[str, str]) -> None:
    assert answer(method, path, headers) == 200


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {"host": "attacker.example:3000"}),
        ("GET", "/", {"host": "localhost.attacker.example"}),
        ("GET", "/", {"host": ""}),
        ("GET", "/", {}),
        ("GET", "/", {"host": "[localhost"}),
        ("POST", "/graphql", OWN | {"origin": "http://localhost:8765"}),
        ("POST", "/graphql", OWN | {"origin": "https://attacker.example"}),
        ("POST", "/graphql", OWN | {"origin": "null"}),
        ("POST", "/graphql", OWN | {"origin": "http://[localhost"}),
        ("POST", "/graphql", {"host": "localhost:3000", "sec-fetch-site": "cross-site"}),
        ("GET", "/graphql?query=mutation{x}", {"host": "localhost:3000"}),
        ("GET", "/graphql/?query=mutation{x}", OWN),
        ("HEAD", "/graphql?query=mutation{x}", OWN),
        ("GET", "/graphql", {"host": "localhost", "sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}),
        ("GET", "/logs/1", {"host": "localhost", "sec-fetch-site": "same-site", "sec-fetch-dest": "image"}),
        ("GET", "/", {"host": "localhost", "sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe"}),
    ],
)
def test_others_are_refused(method: str, path: str, headers: dict[str, str]) -> None:
    assert answer(method, path, headers) == 403


def test_web_sockets_of_other_pages_are_closed() -> None:
    assert answer("GET", "/graphql", OWN, kind="websocket") == 101
    assert answer("GET", "/graphql", OWN | {"origin": "http://localhost:8765"}, kind="websocket") == 403


MUTATION = "mutation{launchRun(executionParams:{selector:{jobName:%22build%22}}){__typename}}"
PAGE = """<img src="http://localhost:{port}/graphql?query={mutation}">
<iframe src="http://localhost:{port}/graphql?query={mutation}"></iframe>
<iframe name="t"></iframe>
<form id="f" method="post" enctype="text/plain" target="t" action="http://localhost:{port}/graphql?query={mutation}">
</form>
<script>
document.getElementById("f").submit();
const body = JSON.stringify({{query: decodeURIComponent("{mutation}")}});
for (const mode of ["cors", "no-cors"])
  fetch("http://localhost:{port}/graphql", {{method: "POST", mode, credentials: "include", body}}).catch(() => 0);
new WebSocket("ws://localhost:{port}/graphql", "graphql-ws");
</script>"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(done: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if done():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A guarded server that writes down every request that gets through; its port, and the file."""
    port, served = free_port(), tmp_path / "served"
    program = f"""
import uvicorn
from orchestration.runtime.webserver import Guard, LOCAL_HOSTS
async def app(scope, receive, send):
    open({str(served)!r}, "a").write(scope["type"] + scope["path"] + "\\n")
    if scope["type"] == "http":
        await send({{"type": "http.response.start", "status": 200, "headers": []}})
        await send({{"type": "http.response.body", "body": b"served"}})
uvicorn.run(Guard(app, LOCAL_HOSTS), host="127.0.0.1", port={port}, log_level="error", lifespan="off")
"""
    server = subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT_DIR)
    try:
        wait_for(lambda: urllib.request.urlopen(f"http://localhost:{port}/up").read() == b"served")
        yield port, served
    finally:
        server.kill()
        server.wait()


def test_a_web_page_reaches_nothing(browser: webdriver.Chrome, guarded: tuple[int, Path]) -> None:  # noqa: F811
    port, served = guarded
    asked = threading.Event()

    class Attacker(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE.format(port=port, mutation=MUTATION).encode())
            asked.set()

        def log_message(self, *_: Any) -> None:
            pass

    attacker = ThreadingHTTPServer(("127.0.0.1", 0), Attacker)
    threading.Thread(target=attacker.serve_forever, daemon=True).start()
    try:
        browser.get(f"http://localhost:{attacker.server_port}/")
        assert asked.wait(30)
        time.sleep(2)
    finally:
        attacker.shutdown()
        attacker.server_close()
    assert set(served.read_text().splitlines()) == {"http/up"}
    # The same browser, as its user: the guard lets it through.
    browser.get(f"http://localhost:{port}/ours")
    assert "http/ours" in served.read_text().splitlines()


def test_dagsters_own_server_is_behind_the_guard(tmp_path: Path) -> None:
    """With the real server, on an empty project: the guard is installed."""
    (tmp_path / "empty.py").write_text("import dagster as dg\ndefs = dg.Definitions()\n")
    port = free_port()
    options = ["-f", str(tmp_path / "empty.py"), "-p", str(port)]
    environment = {**os.environ, "DAGSTER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "yes"}
    command = [sys.executable, "-m", "orchestration.runtime.webserver", *options]
    server = subprocess.Popen(command, cwd=PROJECT_DIR, env=environment, stdout=subprocess.DEVNULL)

    def status(path: str, **headers: str) -> int:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
        try:
            return urllib.request.urlopen(request).status
        except urllib.error.HTTPError as error:
            return error.code

    try:
        wait_for(lambda: status("/server_info") == 200, seconds=120)
        assert status("/graphql?query=%7B__typename%7D") == 403
        assert status("/server_info", Host="attacker.example") == 403
        assert status("/server_info", Origin="http://localhost:8765") == 403
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_everything_ends_on_a_signal_also_in_a_background_job(tmp_path: Path, number: signal.Signals) -> None:
    """A script's `nohup make dev &` starts with SIGINT ignored."""
    program = f"""
import sys
from orchestration.runtime import services
child = (sys.executable, "-c", "import os, time; open({str(tmp_path)!r} + '/%d' % os.getpid(), 'w'); time.sleep(600)")
services.serve({{"one": child, "two": child}})
"""

    def ignore() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    parent = subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT_DIR, preexec_fn=ignore)
    wait_for(lambda: len(list(tmp_path.iterdir())) == 2)
    parent.send_signal(number)
    assert parent.wait(30) == 0
    for path in tmp_path.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.name), 0)


def test_a_child_that_ends_ends_the_others_and_is_named() -> None:
    program = """
import sys
from orchestration.lib.errors import UserError
from orchestration.runtime import services
sleeper = (sys.executable, "-c", "import time; time.sleep(600)")
try:
    services.serve({"sleeper": sleeper, "daemon": (sys.executable, "-c", "raise SystemExit(3)")})
except UserError as error:
    sys.exit(str(error))
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=PROJECT_DIR, capture_output=True, text=True, timeout=60)
    assert "Dagster's daemon ended with code 3." in ended.stderr


def test_the_commands_are_there() -> None:
    assert all(Path(command[0]).exists() for command in services.COMMANDS.values())
