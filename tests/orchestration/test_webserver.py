"""Dagster's web interface: other web pages and foreign names get nothing, and start nothing."""

import asyncio
import os
import re
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

from orchestration.lib.settings import PROJECT_DIR, SettingsError
from orchestration.runtime import services
from orchestration.runtime.webserver import LOCAL_HOSTS, TOKEN_SETTING, Guard, chosen_token
from tests.report.conftest import browser  # noqa: F401

OWN = {"host": "localhost:3000", "origin": "http://localhost:3000", "sec-fetch-site": "same-origin"}


def answer(method: str, path: str, headers: dict[str, str], kind: str = "http", token: str | None = None) -> int:
    """The status of a request to a guarded app that answers everything with 200; 101 for an open web socket."""
    return answered(method, path, headers, kind, token).get("status", 403)


def answered(
    method: str, path: str, headers: dict[str, str], kind: str = "http", token: str | None = None
) -> dict[str, Any]:
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
    asyncio.run(Guard(app, LOCAL_HOSTS, token)(scope, receive, send))
    return sent[0]


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


TOKEN = "a-token-that-nobody-else-knows"
REQUESTS = [
    ("GET", "/", "http"),
    ("GET", "/static/js/main.js", "http"),
    ("HEAD", "/server_info", "http"),
    ("POST", "/graphql", "http"),
    ("GET", "/graphql", "websocket"),
]


@pytest.mark.parametrize(("method", "path", "kind"), REQUESTS)
@pytest.mark.parametrize(
    ("cookie", "is_allowed"),
    [
        (None, False),
        ("call_attribution_0=", False),
        ("call_attribution_0=another", False),
        (f"call_attribution_0={TOKEN}x", False),
        (f"call_attribution_1={TOKEN}", False),
        (f"call_attribution_0=\xe9; call_attribution_0={TOKEN[:-1]}", False),
        (f"a=b; call_attribution_0={TOKEN}; c", True),
    ],
)
def test_other_users_of_the_machine_lack_the_token(
    method: str, path: str, kind: str, cookie: str | None, is_allowed: bool
) -> None:
    headers = OWN | ({"cookie": cookie} if cookie else {})
    status = answer(method, path, headers, kind, TOKEN)
    assert status == ((200 if kind == "http" else 101) if is_allowed else 403)
    # The setting `off`, behind a proxy with sign-in.
    assert answer(method, path, headers, kind) in (200, 101)


def test_the_first_visit_with_the_token_sets_the_cookie() -> None:
    start = answered("GET", f"//evil.example/\\runs\r\n?token={TOKEN}", {"host": "localhost:3000"}, token=TOKEN)
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert (start["status"], headers["location"]) == (303, "/evil.example/%5Cruns%0D%0A")
    assert headers["set-cookie"] == f"call_attribution_0={TOKEN}; Path=/; HttpOnly; SameSite=Lax"
    assert answer("GET", "/?token=another", {"host": "localhost:3000"}, token=TOKEN) == 403
    assert answer("GET", "/?token=%ff&token=", {"host": "localhost:3000"}, token=TOKEN) == 403
    # Neither another page nor a foreign name gets a cookie.
    for headers in ({"host": "attacker.example"}, OWN | {"origin": "http://localhost:8765"}):
        assert answer("GET", f"/?token={TOKEN}", headers, token=TOKEN) == 403
    assert answer("GET", f"/?token={TOKEN}", OWN, "websocket", TOKEN) == 403


@pytest.mark.parametrize("value", ["short", "x" * 20 + ";", "OFF"])
def test_a_token_that_can_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(TOKEN_SETTING, value)
    with pytest.raises(SettingsError, match="Allowed: `off`, or 20 to 200 letters") as error:
        chosen_token()
    assert value not in str(error.value).replace("off", "")


def test_each_start_has_another_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_SETTING, "")
    assert len({chosen_token() for _ in range(3)}) == 3
    monkeypatch.setenv(TOKEN_SETTING, TOKEN)
    assert chosen_token() == TOKEN
    monkeypatch.setenv(TOKEN_SETTING, "off")
    assert chosen_token() is None


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


def test_dagsters_own_server_is_behind_the_guard(tmp_path: Path, browser: webdriver.Chrome) -> None:  # noqa: F811
    """With the real server, on an empty project: the guard is installed, and the interface works behind it."""
    (tmp_path / "empty.py").write_text("import dagster as dg\ndefs = dg.Definitions()\n")
    port, log = free_port(), tmp_path / "log"
    options = ["-f", str(tmp_path / "empty.py"), "-p", str(port)]
    environment = {**os.environ, "DAGSTER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "yes", TOKEN_SETTING: ""}
    command = [sys.executable, "-m", "orchestration.runtime.webserver", *options]
    with open(log, "wb") as output:
        server = subprocess.Popen(command, cwd=PROJECT_DIR, env=environment, stdout=output)
    cookie: dict[str, str] = {}

    def status(path: str, **headers: str) -> int:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=cookie | headers)
        try:
            return urllib.request.urlopen(request).status
        except urllib.error.HTTPError as error:
            return error.code

    try:
        wait_for(lambda: status("/server_info") == 403, seconds=120)
        found = re.search(rf"^Open (http://localhost:{port}/\?token=(\S+))$", log.read_text(), re.MULTILINE)
        assert found
        cookie["Cookie"] = f"call_attribution_{port}={found[2]}"
        assert status("/server_info") == 200
        assert status("/graphql?query=%7B__typename%7D") == 403
        assert status("/server_info", Host="attacker.example") == 403
        assert status("/server_info", Origin="http://localhost:8765") == 403
        assert status("/server_info", Cookie="") == 403

        browser.get_log("performance")
        browser.get(found[1])
        assert "token" not in browser.current_url
        seen: list[str] = []

        def interface_works() -> bool:
            seen.extend(entry["message"] for entry in browser.get_log("performance"))
            return any("webSocketHandshakeResponseReceived" in one for one in seen)

        wait_for(interface_works)
        statuses = [int(one) for one in re.findall(r'"status":(\d+)', "".join(seen))]
        assert {200, 101} <= set(statuses) and 403 not in statuses
        ask = "return fetch('/graphql', {method: 'POST', body: '{}'}).then(answer => answer.status)"
        assert browser.execute_script(ask) != 403
        browser.delete_all_cookies()
        assert browser.execute_script(ask) == 403
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
