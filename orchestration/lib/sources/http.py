"""Requests to live sources: retried after transient errors, counted, and bounded in time and size.

No request follows a redirect, and none reads ~/.netrc.
"""

import logging
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakSet

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection

from orchestration.lib.settings import LiveLimits
from orchestration.lib.sources.errors import EndlessList, QuotaExceeded, TooLarge, Unreachable

# Seven tries over about two minutes: longer than a fail-over, and a user can still wait for it.
TRIES = 7
FIRST_DELAY_SECONDS = 2.0
LONGEST_DELAY_SECONDS = 60.0
TIMEOUT_SECONDS = (10, 300)
TRANSIENT_STATUS = frozenset({429, 500, 502, 503, 504})
CHUNK_BYTES = 1 << 20

# urllib3 logs addresses with their parameters, and quotes headers that it cannot parse.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Clock:
    """The extraction's clock; tests use one that does not wait."""

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random
    monotonic: Callable[[], float] = time.monotonic


class TransientError(Exception):
    """A failure that a repetition can cure; `wait_seconds` is the delay that the source requested."""

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class Answer:
    """A whole answer. The body is empty if it was saved to a file."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# Takes the headers and the body of an answer with status 200 and writes it to disk; called again for each try.
Save = Callable[[Mapping[str, str], Iterator[bytes]], None]


class RetrySession:
    """The requests of one run to one source."""

    def __init__(
        self,
        source: str,
        budget: int,
        budget_setting: str,
        clock: Clock | None = None,
        limits: LiveLimits | None = None,
    ) -> None:
        self.source = source
        self.clock = clock or Clock()
        self.limits = limits or LiveLimits()
        self.calls = 0
        self._budget = budget
        self._budget_setting = budget_setting
        self._began = self.clock.monotonic()
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._http = _Session()
        self._http.adapters.clear()  # no plain http
        self._http.mount("https://", _adapter(self._sockets))
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def __enter__(self) -> "RetrySession":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def request(self, method: str, url: str, *, save: Save | None = None, **arguments: Any) -> Answer:
        """Sends a request, again after transient errors, with exponential back-off and full jitter."""
        for attempt in range(TRIES):
            try:
                return self._once(method, url, save, **arguments)
            except TransientError as failure:
                reason = failure
            if attempt < TRIES - 1:
                ceiling = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2**attempt)
                self.wait(max(reason.wait_seconds or 0.0, ceiling * self.clock.jitter()))
        raise Unreachable(
            f"{self.source} failed {TRIES} times in a row, last with: {reason}. Fetched data is kept; the next run "
            "resumes from there."
        )

    def wait(self, seconds: float) -> None:
        """Waits, if the wait is allowed and ends within the run's time."""
        if seconds > self.limits.wait_seconds:
            raise Unreachable(
                f"{self.source} asks to wait longer than {self.limits.wait_seconds} s, the value of "
                "CALL_ATTRIBUTION_LIVE_WAIT_SECONDS. Fetched data is kept; the next run resumes from there."
            )
        self._seconds_left(seconds)
        self.clock.sleep(seconds)

    def pages(self, read: int = 0) -> "Pages":
        """Counts the pages of one list, of which an earlier run has read some."""
        return Pages(self.source, self.limits.pages, read)

    def _seconds_left(self, wait: float = 0.0) -> float:
        left = self._began + self.limits.run_seconds - self.clock.monotonic() - wait
        if left <= 0:
            raise Unreachable(
                f"{self.source}: this run has used its {self.limits.run_seconds} s "
                "(CALL_ATTRIBUTION_LIVE_RUN_SECONDS). Fetched data is kept; the next run resumes from there."
            )
        return left

    def _once(self, method: str, url: str, save: Save | None, **arguments: Any) -> Answer:
        seconds = min(self.limits.request_seconds, self._seconds_left())
        if self.calls >= self._budget:
            raise QuotaExceeded(self.source, self._budget, self._budget_setting)
        self.calls += 1
        failure: Exception | None = None
        answer = None
        with self._shut_down_after(seconds) as is_over:
            try:
                answer = self._exchange(method, url, save, **arguments)
            except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
                # Raised outside the handler: the exception's text can contain the address with all parameters.
                failure = _error_of(error, urlsplit(url).hostname or self.source)
            except TransientError as error:
                failure = error
        # Checked first: without a length, a truncated answer looks complete.
        if is_over.is_set():
            raise Unreachable(
                f"{self.source} did not complete an answer within {seconds:.0f} s "
                "(CALL_ATTRIBUTION_LIVE_REQUEST_SECONDS). Fetched data is kept; the next run resumes from there."
            )
        if answer is None:
            raise failure or AssertionError
        if answer.status in TRANSIENT_STATUS:
            raise TransientError(f"HTTP {answer.status}", _retry_after(answer.headers, self.clock))
        return answer

    def _exchange(self, method: str, url: str, save: Save | None, **arguments: Any) -> Answer:
        response = self._http.request(
            method,
            url,
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
            stream=True,
            auth=_no_netrc,
            **arguments,
        )
        with response:
            if save and response.status_code == 200:
                save(response.headers, self._limited(response, self.limits.file_bytes, "FILE_SIZE"))
                return Answer(200, response.headers, b"")
            body = b"".join(self._limited(response, self.limits.answer_bytes, "ANSWER_SIZE"))
            return Answer(response.status_code, response.headers, body)

    def _limited(self, response: requests.Response, limit: int, setting: str) -> Iterator[bytes]:
        """The body after decompression, up to the allowed size."""
        size = 0
        for chunk in response.iter_content(CHUNK_BYTES):
            size += len(chunk)
            if size > limit:
                raise TooLarge(self.source, limit, f"CALL_ATTRIBUTION_LIVE_{setting}")
            yield chunk

    @contextmanager
    def _shut_down_after(self, seconds: float) -> Iterator[threading.Event]:
        """Ends a request that takes too long in total, because a socket's timeout starts again with every byte."""
        is_over = threading.Event()

        def shut_down() -> None:
            is_over.set()
            for connection in list(self._sockets):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(seconds, shut_down)
        timer.daemon = True
        timer.start()
        try:
            yield is_over
        finally:
            timer.cancel()


class Pages:
    """The pages of one list. Detects a list that returns to an earlier page and a list that does not end."""

    def __init__(self, source: str, limit: int, read: int = 0) -> None:
        self._source, self._limit, self._read = source, limit, read
        self._seen: set[str] = set()

    def enter(self, position: str) -> None:
        """Call before reading the page at this position."""
        if position in self._seen or self._read >= self._limit:
            raise EndlessList(self._source, self._read, position in self._seen)
        self._seen.add(position)
        self._read += 1


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Redirects are not even read: requests parses their address although it may not follow it."""


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """With any authentication of its own, requests does not replace our header by an entry of ~/.netrc.

    Proxies and REQUESTS_CA_BUNDLE still come from the environment, as trust_env = False would not allow.
    """
    return request


def _adapter(sockets: "WeakSet[socket.socket]") -> HTTPAdapter:
    """An adapter that notes its open sockets."""

    class Connection(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            sockets.add(self.sock)  # pyright: ignore[reportArgumentType]

    class Pool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Connection  # pyright: ignore[reportAssignmentType]

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"https": Pool}

        def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
            manager = super().proxy_manager_for(*args, **kwargs)
            manager.pool_classes_by_scheme = {"https": Pool}
            return manager

    return Adapter()


def _error_of(error: Exception, host: str) -> Exception:
    """The error for a failed request: transient, unless the certificate is the cause."""
    if isinstance(error, requests.exceptions.SSLError) and "certificate" in str(error).lower():
        return Unreachable(
            f"The certificate of {host} is not trusted. Behind a proxy that opens TLS, set REQUESTS_CA_BUNDLE to its "
            "certificate file."
        )
    return TransientError(f"{type(error).__name__} from {host}")


def _retry_after(headers: Mapping[str, str], clock: Clock) -> float | None:
    """Seconds to wait according to the Retry-After header, which is a number or a date."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]+", value):
        # Longer numbers than that exceed every limit, and float() does not accept all of them.
        return float(value[-9:]) if len(value.lstrip("0")) < 10 else float("inf")
    try:
        return max(0.0, (parsedate_to_datetime(value) - clock.now()).total_seconds())
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
