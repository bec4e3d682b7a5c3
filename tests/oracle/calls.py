"""Calls and the sessions they belong to: R1.2 to R1.8 and R1.12."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from . import values
from .dataset import BIZIBLE_ID, BUYER_TOUCHPOINT_DATE, Dataset, Row, Seeds, Variables
from .sessions import Session, group_by_cookie, last_started

EVENT_TIMES = (BUYER_TOUCHPOINT_DATE, "StartDateTime", "CreatedDate")


@dataclass
class Call:
    """A landed Task or Event, whatever becomes of it."""

    id: str
    object: str
    row: Row
    is_deleted: bool
    cookie: str | None
    type: str | None
    has_call_evidence: bool
    called_at: datetime | None
    called_at_source: str | None
    who: str | None
    person: str | None  # who, or the Contact that this Lead became (R5.2)
    is_tracked: bool = False
    duplicate_of: str | None = None
    candidates: list[Session] = field(default_factory=list)
    session: Session | None = None
    nearest: Session | None = None
    verdict: str = ""

    @property
    def at(self) -> datetime:
        """The time of a call that has one."""
        assert self.called_at is not None
        return self.called_at

    @property
    def is_counted(self) -> bool:
        """A tracked call that is not a duplicate: it is a conversion."""
        return self.is_tracked and self.duplicate_of is None


def read_calls(dataset: Dataset, variables: Variables) -> list[Call]:
    """R1.2, R12.9: every landed Task, and every Event if the variable names them."""
    calls = []
    contacts = {row.key for row in dataset.live("salesforce/Contact")}
    contact_of = {
        row.key: contact
        for row in dataset.live("salesforce/Lead")
        if (contact := row.id("ConvertedContactId")) in contacts
    }
    rows = [(name, row) for name in variables.call_tracking_objects for row in dataset.newest(f"salesforce/{name}")]
    for name, row in rows:
        called_at, source = call_time(row, name, variables)
        calls.append(
            Call(
                id=row.key,
                object=name,
                row=row,
                is_deleted=not row.is_live(),
                cookie=row.cookie(BIZIBLE_ID),
                type=row.text("Type"),
                has_call_evidence=has_call_evidence(row),
                called_at=called_at,
                called_at_source=source,
                who=(who := row.id("WhoId")),
                person=contact_of.get(who or "", who),
            )
        )
    return calls


def has_call_evidence(row: Row) -> bool:
    """R1.8: TaskSubtype is Call, a field that only calls have is filled, or the Type contains call."""
    return (
        row.text("TaskSubtype") == "Call"
        or row.text("CallType") is not None
        or row.text("CallObject") is not None
        or row.text("CallDurationInSeconds") is not None
        or "call" in (row.text("Type") or "").lower()
    )


def call_time(row: Row, name: str, variables: Variables) -> tuple[datetime | None, str | None]:
    """R1.3, R12.9: the first usable field in order of precedence; Events have fields of their own."""
    for column in variables.call_time_ladder if name == "Task" else EVENT_TIMES:
        at = row.time(column)
        if at is None:
            continue
        if column == "CreatedDate" and variables.call_time_subtracts_duration:
            with suppress(OverflowError):  # before the year 1
                at -= timedelta(seconds=float(values.number(row.raw("CallDurationInSeconds")) or 0))
        return at, column
    return None, None


def in_window(call_at: datetime, session: Session, variables: Variables) -> bool:
    """R1.4: both ends inclusive, to the microsecond."""
    window = timedelta(minutes=variables.call_session_window_minutes)
    anchor = session.last_activity_at if variables.call_session_window_anchor == "last_activity" else session.started_at
    return session.started_at <= call_at <= anchor + window


def nearest_session(call_at: datetime, sessions: list[Session]) -> Session | None:
    """R1.8: the smallest distance to the start; ties: the earlier session, then the smallest id."""
    return min(sessions, key=lambda s: (abs(call_at - s.started_at), s.started_at, s.id), default=None)


def described(call: Call, kind: str, seeds: Seeds) -> str | None:
    """R1.12: what the Description says, by the first pattern of the seed that matches; call ids before other values."""
    description = re.sub("[\u00a0\u2007\u2009\u202f]", " ", call.row.text("Description") or "")
    rows = [row for row in seeds.task_description_patterns if row["kind"] == kind]
    found = []
    for row in sorted(rows, key=lambda row: int(row["priority"])):
        match = re.search(row["pattern"], description, re.IGNORECASE)
        if match and row["marker"].lower() in description.lower():
            found.append(match.group(1))
    if kind == "provider_call_id":
        found.sort(key=lambda value: not looks_like_call_id(value))
    return found[0] if found else None


def looks_like_call_id(value: str) -> bool:
    """R1.12: at least six characters, at least one digit, and not a telephone number."""
    digits = sum(character in "0123456789" for character in value)
    others = set(value) - set("0123456789+().-" + values.WHITE_SPACE)
    return len(value) >= 6 and digits > 0 and not (7 <= digits <= 15 and not others)


def call_ids(call: Call, seeds: Seeds) -> set[str]:
    """R1.12: the values of CallObject and of the Description that look like call ids; datasets here have no log."""
    found = [call.row.text("CallObject"), described(call, "provider_call_id", seeds)]
    return {value for value in found if value and looks_like_call_id(value)}


def provider_call_id(call: Call, seeds: Seeds) -> str | None:
    """The call id that is shown: of a live record, the Description's before CallObject's."""
    described_id = described(call, "provider_call_id", seeds) if not call.is_deleted else None
    found = [described_id, call.row.text("CallObject")]
    return next((value for value in found if value and looks_like_call_id(value)), None)


def caller_number(call: Call, seeds: Seeds) -> str | None:
    """The digits of the caller's number; what networks put in place of a withheld one says nothing."""
    written = described(call, "caller_number", seeds) or ""
    trunk_zero = re.match(r"\D*(00)?[1-9]\d{0,2}[^\d(]*(\(\s*0\s*\))", written)
    if trunk_zero:
        written = written[: trunk_zero.start(2)] + written[trunk_zero.end(2) :]
    digits = re.sub(r"\D", "", written).removeprefix("00")
    if len(digits) == 11:
        digits = digits.removeprefix("1")
    withheld = {row["caller_number"] for row in seeds.anonymous_caller_numbers}
    return digits if len(digits) >= 7 and digits not in withheld else None


def is_one_call(one: Call, other: Call, seeds: Seeds) -> bool:
    """R1.12: the same call id and cookie or person within 24 hours, or the same caller and person within a minute."""

    def same(first: str | None, second: str | None) -> bool:
        return first is not None and first == second

    apart = abs(one.at - other.at)
    return (
        bool(call_ids(one, seeds) & call_ids(other, seeds))
        and (same(one.cookie, other.cookie) or same(one.person, other.person))
        and apart <= timedelta(hours=24)
    ) or (
        same(caller_number(one, seeds), caller_number(other, seeds))
        and same(one.person, other.person)
        and apart <= timedelta(seconds=60)
    )


def mark_duplicates(calls: list[Call], variables: Variables, seeds: Seeds) -> None:
    """R1.12: of all Tasks that a chain of evidence connects, the earliest is the canonical record, then the smallest
    id."""
    if not variables.dedupe_calls:
        return
    left = sorted((call for call in calls if call.is_tracked), key=lambda call: (call.at, call.id))
    while left:
        first = left.pop(0)
        one_call = [first]
        for member in one_call:  # grows while it is read
            found = [call for call in left if is_one_call(member, call, seeds)]
            one_call += found
            left = [call for call in left if call not in found]
        for call in one_call[1:]:
            call.duplicate_of = first.id


def judge_calls(dataset: Dataset, sessions: list[Session], variables: Variables, seeds: Seeds) -> list[Call]:
    """R1.2, R1.5, R1.8: every Task's sessions and verdict, save for who makes the touchpoint (R1.6)."""
    calls = read_calls(dataset, variables)
    by_cookie = group_by_cookie(sessions)
    for call in calls:
        call.is_tracked = not call.is_deleted and call.cookie is not None and call.called_at is not None
    mark_duplicates(calls, variables, seeds)
    for call in calls:
        same_cookie = by_cookie.get(call.cookie, []) if call.cookie else []
        if call.called_at is not None:
            call.candidates = [s for s in same_cookie if in_window(call.called_at, s, variables)]
            call.nearest = nearest_session(call.called_at, same_cookie)
        if call.is_tracked:
            call.session = last_started(call.candidates)
        call.verdict = first_verdict(call, same_cookie)
    return calls


def first_verdict(call: Call, same_cookie: list[Session]) -> str:
    """R1.8, from the top; `merged` turns into `merged_secondary` where another conversion was first (R1.6)."""
    if call.is_deleted:
        return "none_deleted"
    if call.cookie is None and not call.has_call_evidence:
        return "none_not_a_call"
    if call.cookie is None:
        return "none_without_bizible_id"
    if call.called_at is None:
        return "none_without_time"
    if call.duplicate_of is not None:
        return "merged_duplicate" if call.session else "separate_duplicate"
    if call.session is not None:
        return "merged"
    return "separate_outside_window" if same_cookie else "separate_unknown_bizible_id"
