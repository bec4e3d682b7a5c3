"""The vocabulary of the sample journeys: what the sources record, and the expected results.

Times are `<day>d [HH:MM[:SS[.ffffff]]]` after the journey's beginning, or `<visit>+MM:SS[.ffffff]` and
`<visit>-MM:SS[.ffffff]` from a visit's start. A journey begins between 06:00 and 10:00 UTC of some day, so hours below
12 stay on the day that the offset names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SECOND = 1_000_000
DAY = 86_400 * SECOND

ANY = "any"  # one of the usual: a call's Type, an arrival


@dataclass(frozen=True)
class Visit:
    """A web session. `made_by` names the conversion that makes its touchpoint (R1.6)."""

    name: str
    at: str
    arrival: str = ANY
    cookie: str = "a"
    visitor: str | None = None  # cookie in VISITOR_ID; None: its own
    views: tuple[str, ...] = ()  # page views after the first, as MM:SS after the start
    deleted: bool = False
    late: bool = False  # comes with the later files
    earlier_at: str | None = None  # the start that the first export gave
    made_by: str | None = None


@dataclass(frozen=True)
class Form:
    """A form submit, or a chat. `session` is what SESSION_ID names; None leaves it empty."""

    name: str
    at: str
    session: str | None
    person: str | None = None
    cookie: str | None = "a"
    chat: bool = False
    deleted: bool = False


@dataclass(frozen=True)
class Call:
    """A Task, and its verdict (R1.8). `at` is CreatedDate, `touchpoint_at` Buyer Touchpoint Date."""

    name: str
    at: str | None
    verdict: str
    session: str | None = None  # the session that it belongs to
    cookie: str | None = "a"
    cookie_style: str = "plain"  # plain | shouting (upper case, v_, blanks around)
    type: str | None = ANY
    who: str | None = None
    touchpoint_at: str | None = None
    time_text: str | None = None  # CreatedDate as an unreadable text instead
    touchpoint_text: str | None = None  # Buyer Touchpoint Date likewise; {day} is the journey's first day
    subtype: str | None = "Call"
    call_type: str | None = "Inbound"
    duration: str | None = "seconds"  # seconds: a number; else as written
    call_object: str | None = "own"  # own: unique; None: empty; else shared by the calls with the same value
    caller: bool = False  # the Description has the caller's number: one per journey
    deleted: bool = False
    windows: int | None = None  # sessions whose window contains it; None: 1 with a session, else 0
    nearest: str | None = None  # nearest session of the cookie; None: the session that it belongs to
    duplicate_of: str | None = None
    # What the first export said, before a later file changed it (R1.11).
    earlier: dict[str, str | bool | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Lead:
    name: str
    person: str
    at: str
    converted_to: str | None = None
    cookie: str | None = None
    deleted: bool = False


@dataclass(frozen=True)
class Contact:
    name: str
    person: str
    at: str
    account: str | None = None
    cookie: str | None = None
    deleted: bool = False


@dataclass(frozen=True)
class Opportunity:
    """`closes` is the day of CloseDate after the journey's first; `amount` one of the kinds in expand.py."""

    name: str
    at: str
    closes: int
    state: str = "won"  # won | lost | open
    account: str | None = "account"
    amount: str = ANY
    deleted: bool = False


@dataclass(frozen=True)
class Role:
    opportunity: str
    contact: str
    primary: bool = False


@dataclass(frozen=True)
class Mapping:
    """A row of email_to_visitor_ids."""

    name: str
    person: str
    cookie: str
    at: str
    ignored: bool = False
    deleted: bool = False


@dataclass(frozen=True)
class Journey:
    """A journey and its expected results. No other journey shares its cookies, people or accounts.

    `people`: person -> touch -> earliest evidence (R5). `positions`: Lead or Contact -> touch -> printed position (R6).
    `credit`: Opportunity -> touch -> printed position (R7), in the order of the touches; `named` gives the
    contact where it is not `contact`.
    """

    name: str
    visits: tuple[Visit, ...] = ()
    forms: tuple[Form, ...] = ()
    calls: tuple[Call, ...] = ()
    leads: tuple[Lead, ...] = ()
    contacts: tuple[Contact, ...] = ()
    opportunities: tuple[Opportunity, ...] = ()
    roles: tuple[Role, ...] = ()
    mappings: tuple[Mapping, ...] = ()
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    positions: dict[str, dict[str, str]] = field(default_factory=dict)
    credit: dict[str, dict[str, str]] = field(default_factory=dict)
    named: dict[str, dict[str, str]] = field(default_factory=dict)
    per_million: int = 400  # copies in a dataset of a million sessions

    def starts(self) -> dict[str, int]:
        """Visit -> start in microseconds after the journey's beginning."""
        return {visit.name: offset(visit.at, {}) for visit in self.visits}


def offset(text: str, starts: dict[str, int]) -> int:
    """A time of the journey in microseconds after its beginning."""
    if match := re.fullmatch(r"(\d+)d(?: (\d+):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?", text):
        days, hours, minutes, seconds, fraction = (part or "0" for part in match.groups())
        return int(days) * DAY + _microseconds(60 * int(hours) + int(minutes), seconds, fraction)
    if match := re.fullmatch(r"(\w+)([+-])(\d+):(\d\d)(?:\.(\d{1,6}))?", text):
        visit, sign, minutes, seconds, fraction = match.groups()
        distance = _microseconds(int(minutes), seconds, fraction or "0")
        return starts[visit] + (distance if sign == "+" else -distance)
    raise ValueError(f"{text!r} is not a time of a journey")


def _microseconds(minutes: int, seconds: str, fraction: str) -> int:
    return (60 * minutes + int(seconds)) * SECOND + int(fraction.ljust(6, "0"))
