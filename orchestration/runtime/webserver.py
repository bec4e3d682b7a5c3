"""Dagster's web interface for this machine's user only: `python -m orchestration.runtime.webserver`, with its options.

Dagster's own server answers everybody who can reach it, and executes a mutation from the address of an image: any web
page that the user opens could start a build. This module checks every request first:

- The Host header names this machine, or a host in CALL_ATTRIBUTION_UI_HOSTS. A foreign name that points to this
  machine (DNS rebinding) is refused.
- The Origin header, if there is one, is the interface's own.
- A request from another page is refused if the browser says so (Sec-Fetch-Site). Following a link is allowed.
- GraphQL queries come by POST, or through the interface's own web socket.
- The browser has the token of this server, because other users of the machine reach its port too. The printed address
  contains it, and the first visit with it sets a cookie.
"""

import hmac
import os
import re
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from orchestration.lib.settings import SettingsError
from orchestration.lib.terminal import complain

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
HOSTS_SETTING = "CALL_ATTRIBUTION_UI_HOSTS"
TOKEN_SETTING = "CALL_ATTRIBUTION_UI_TOKEN"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


NO_TOKEN = "Open the address with the token that Dagster's web server printed when it started (docs/production.md)."


class Guard:
    """An ASGI app that lets only the interface's own requests through to another one."""

    def __init__(self, app: App, hosts: Collection[str], token: str | None = None) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 403 with the reason, or closes a web socket before it opens."""
        refusal = self.refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif refusal == NO_TOKEN and self._is_ours(*parse_qs(scope["query_string"].decode("latin-1")).get("token", [])):
            # To the same page without the token: addresses are kept and passed on.
            place = "/" + quote(scope["path"].lstrip("/"))
            # Lax: a link in a mail leads to the page of a run. `refusal` stops all else that comes from other sites.
            cookie = f"{_cookie_name(scope)}={self._token}; Path=/; HttpOnly; SameSite=Lax"
            await _answer(send, 303, "", location=place, set_cookie=cookie)
        else:
            await _answer(send, 403, f"{refusal}\n", content_type="text/plain; charset=utf-8")

    def _is_ours(self, *tokens: str) -> bool:
        return any(hmac.compare_digest(one.encode(), str(self._token).encode()) for one in tokens)

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
        if self._token and not self._is_ours(*_cookies(headers, _cookie_name(scope))):
            return NO_TOKEN
        return None


def allowed_hosts() -> list[str]:
    """The names of this machine, and those that the user added, for example of a proxy with sign-in."""
    added = os.environ.get(HOSTS_SETTING, "").split(",")
    return [*LOCAL_HOSTS, *(host.strip() for host in added if host.strip())]


def chosen_token() -> str | None:
    """The token that the user has set, or a new one; None if a proxy with sign-in makes it unnecessary."""
    chosen = os.environ.get(TOKEN_SETTING, "").strip()
    if chosen == "off":
        return None
    if chosen and not re.fullmatch(r"[A-Za-z0-9_-]{20,200}", chosen):
        # Not the value: it can be a secret with a wrong character.
        raise SettingsError(TOKEN_SETTING, "...", "`off`, or 20 to 200 letters, digits, - and _")
    return chosen or secrets.token_urlsafe(24)


async def _answer(send: Send, status: int, text: str, **headers: str) -> None:
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": text.encode()})


def _cookie_name(scope: Scope) -> str:
    """Browsers send cookies to every port of a host, and several environments can have servers."""
    return f"call_attribution_{(scope.get('server') or ('', 0))[1]}"


def _cookies(headers: dict[str, list[str]], name: str) -> list[str]:
    pairs = (part.strip().partition("=") for header in headers.get("cookie", []) for part in header.split(";"))
    return [value for key, _, value in pairs if key == name]


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
    try:
        token = chosen_token()
    except SettingsError as error:
        complain(error)
        sys.exit(2)

    def serve_guarded(app: App, **options: Any) -> None:
        query = f"?token={token}" if token else ""
        print(f"Open http://localhost:{options['port']}/{query}", flush=True)
        # No proxy header changes the addresses of client and host.
        serve(Guard(app, allowed_hosts(), token), **options, proxy_headers=False)

    uvicorn.run = serve_guarded  # type: ignore[assignment]
    # Shells start background commands with this signal ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    cli.main()


if __name__ == "__main__":
    main()
