"""Dagster's web interface for this machine's user only: `python -m orchestration.runtime.webserver`, with its options.

Dagster's own server answers everybody who can reach it, and executes a mutation from the address of an image: any web
page that the user opens could start a build. This module checks every request first:

- The Host header names this machine, or a host in CALL_ATTRIBUTION_UI_HOSTS. A foreign name that points to this
  machine (DNS rebinding) is refused.
- The Origin header, if there is one, is the interface's own.
- A request from another page is refused if the browser says so (Sec-Fetch-Site). Following a link is allowed.
- GraphQL queries come by POST, or through the interface's own web socket.
"""

import os
import signal
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import urlsplit

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
HOSTS_SETTING = "CALL_ATTRIBUTION_UI_HOSTS"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guard:
    """An ASGI app that lets only the interface's own requests through to another one."""

    def __init__(self, app: App, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 403 with the reason, or closes a web socket before it opens."""
        refusal = self.refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": f"{refusal}\n".encode()})

    def refusal(self, scope: Scope) -> str | None:
        """Why a request is refused, or None."""
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        hosts = headers.get("host", [])
        if len(hosts) != 1 or _hostname(hosts[0]) not in self._hosts:
            return f"This host name is not allowed. Name it in {HOSTS_SETTING}, if it is yours."
        origins = headers.get("origin", [])
        if any(origin.lower().partition("://")[2] != hosts[0].lower() for origin in origins):
            return "Requests from other web pages are refused."
        is_query = scope["path"].rstrip("/").endswith("/graphql")
        if scope["type"] == "http" and is_query and scope["method"] != "POST" and scope.get("query_string"):
            return "GraphQL queries must come by POST."
        from_elsewhere = set(headers.get("sec-fetch-site", [])) - {"same-origin", "none"}
        is_link = headers.get("sec-fetch-dest") == ["document"] and scope.get("method") == "GET" and not is_query
        if from_elsewhere and not is_link:
            return "Requests from other web pages are refused."
        return None


def allowed_hosts() -> list[str]:
    """The names of this machine, and those that the user added, for example of a proxy with sign-in."""
    added = os.environ.get(HOSTS_SETTING, "").split(",")
    return [*LOCAL_HOSTS, *(host.strip() for host in added if host.strip())]


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def main() -> None:
    """Dagster's webserver with the guard before it."""
    import uvicorn
    from dagster_webserver import cli

    serve = uvicorn.run

    def serve_guarded(app: App, **options: Any) -> None:
        # No proxy header changes the addresses of client and host.
        serve(Guard(app, allowed_hosts()), **options, proxy_headers=False)

    uvicorn.run = serve_guarded  # type: ignore[assignment]
    # Shells start background commands with this signal ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    cli.main()


if __name__ == "__main__":
    main()
