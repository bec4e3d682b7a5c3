"""A requests session that is patient with the source and counts what it costs."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from orchestration.lib.sources.errors import BudgetSpent, Unreachable

T = TypeVar("T")

# Seven tries over about two minutes: longer than a fail-over, shorter than the patience of whoever waits.
TRIES = 7
FIRST_DELAY_SECONDS = 2.0
LONGEST_DELAY_SECONDS = 60.0
TIMEOUT_SECONDS = (10, 300)
PASSING_STATUS = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Clock:
    """Time as the extraction sees it; tests put in one that does not wait."""

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random


class Passing(Exception):
    """A failure that can pass by itself; `wait_seconds` is what the source asked for, if it did."""

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


def patiently(operation: Callable[[], T], source: str, clock: Clock) -> T:
    """Repeats what failed in passing, with exponential back-off and full jitter."""
    for attempt in range(TRIES):
        try:
            return operation()
        except Passing as failure:
            reason = failure
        if attempt < TRIES - 1:
            ceiling = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2**attempt)
            clock.sleep(max(reason.wait_seconds or 0.0, ceiling * clock.jitter()))
    raise Unreachable(
        f"{source} failed {TRIES} times in a row, last with: {reason}. What was fetched so far is kept; the next run "
        "goes on from there."
    )


def passing(error: requests.exceptions.RequestException, host: str) -> Exception:
    """What a failed exchange means: worth another try, unless the certificate is the matter."""
    # The exception itself stays out of every message: its text can hold the address with all parameters.
    if isinstance(error, requests.exceptions.SSLError) and "certificate" in str(error).lower():
        return Unreachable(
            f"The certificate of {host} is not trusted. Behind a proxy that opens TLS, set REQUESTS_CA_BUNDLE to its "
            "certificate file."
        )
    return Passing(f"{type(error).__name__} from {host}")


class PatientSession(requests.Session):
    """Counts every request against the run's budget, waits out 429 and 5xx, and never hangs."""

    def __init__(self, source: str, budget: int, budget_setting: str, clock: Clock | None = None) -> None:
        super().__init__()
        self.source = source
        self.clock = clock or Clock()
        self.calls = 0
        self._budget = budget
        self._budget_setting = budget_setting

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # pyright: ignore[reportIncompatibleMethodOverride]
        kwargs.setdefault("timeout", TIMEOUT_SECONDS)
        return patiently(lambda: self._once(method, url, *args, **kwargs), self.source, self.clock)

    def _once(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        if self.calls >= self._budget:
            raise BudgetSpent(self.source, self._budget, self._budget_setting)
        self.calls += 1
        failure = None
        try:
            response = super().request(method, url, *args, **kwargs)
        except requests.exceptions.RequestException as error:
            failure = passing(error, urlsplit(url).hostname or self.source)
        if failure is not None:
            raise failure
        if response.status_code in PASSING_STATUS:
            response.close()
            raise Passing(f"HTTP {response.status_code}", _retry_after(response, self.clock))
        return response


def _retry_after(response: requests.Response, clock: Clock) -> float | None:
    """Seconds that the Retry-After header asks for: a number or a date."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - clock.now()).total_seconds())
    except (TypeError, ValueError):
        return None
