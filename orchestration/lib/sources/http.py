"""A requests session that retries transient errors and counts API calls."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from orchestration.lib.sources.errors import QuotaExceeded, Unreachable

T = TypeVar("T")

# Seven tries over about two minutes: longer than a fail-over, and a user can still wait for it.
TRIES = 7
FIRST_DELAY_SECONDS = 2.0
LONGEST_DELAY_SECONDS = 60.0
TIMEOUT_SECONDS = (10, 300)
TRANSIENT_STATUS = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Clock:
    """The extraction's clock; tests use one that does not wait."""

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random


class TransientError(Exception):
    """A failure that a repetition can cure; `wait_seconds` is the delay that the source requested."""

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


def with_retries(operation: Callable[[], T], source: str, clock: Clock) -> T:
    """Repeats an operation after transient errors, with exponential back-off and full jitter."""
    for attempt in range(TRIES):
        try:
            return operation()
        except TransientError as failure:
            reason = failure
        if attempt < TRIES - 1:
            ceiling = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2**attempt)
            clock.sleep(max(reason.wait_seconds or 0.0, ceiling * clock.jitter()))
    raise Unreachable(
        f"{source} failed {TRIES} times in a row, last with: {reason}. Fetched data is kept; the next run "
        "resumes from there."
    )


def error_of(error: requests.exceptions.RequestException, host: str) -> Exception:
    """The error for a failed request: transient, unless the certificate is the cause."""
    # No message contains the exception itself: its text can contain the address with all parameters.
    if isinstance(error, requests.exceptions.SSLError) and "certificate" in str(error).lower():
        return Unreachable(
            f"The certificate of {host} is not trusted. Behind a proxy that opens TLS, set REQUESTS_CA_BUNDLE to its "
            "certificate file."
        )
    return TransientError(f"{type(error).__name__} from {host}")


class RetrySession(requests.Session):
    """Counts every request against the run's allowed API calls, retries after 429 and 5xx, and never hangs."""

    def __init__(self, source: str, budget: int, budget_setting: str, clock: Clock | None = None) -> None:
        super().__init__()
        self.source = source
        self.clock = clock or Clock()
        self.calls = 0
        self._budget = budget
        self._budget_setting = budget_setting

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # pyright: ignore[reportIncompatibleMethodOverride]
        kwargs.setdefault("timeout", TIMEOUT_SECONDS)
        return with_retries(lambda: self._once(method, url, *args, **kwargs), self.source, self.clock)

    def _once(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        if self.calls >= self._budget:
            raise QuotaExceeded(self.source, self._budget, self._budget_setting)
        self.calls += 1
        failure = None
        try:
            response = super().request(method, url, *args, **kwargs)
        except requests.exceptions.RequestException as error:
            failure = error_of(error, urlsplit(url).hostname or self.source)
        if failure is not None:
            raise failure
        if response.status_code in TRANSIENT_STATUS:
            response.close()
            raise TransientError(f"HTTP {response.status_code}", _retry_after(response, self.clock))
        return response


def _retry_after(response: requests.Response, clock: Clock) -> float | None:
    """Seconds to wait according to the Retry-After header, which is a number or a date."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - clock.now()).total_seconds())
    except (TypeError, ValueError):
        return None
