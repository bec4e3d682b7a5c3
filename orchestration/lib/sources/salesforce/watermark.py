"""The watermark of an object's extraction, computed from the names of its landed files.

A page is named `<server time of the job>_<from>_<fields>_<job>_<page>[_last].csv`. Names sort by the time of
extraction, so of two versions with equal SystemModstamp the one fetched later wins (landing breaks ties by name).
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from orchestration.lib.sources.files import name_of_id

START = "start"
PAGE = re.compile(
    r"(?P<until>\d{8}T\d{6}Z)_(?P<since>start|\d{8}T\d{6}Z)_(?P<fields>[0-9a-f]{8})_(?P<job>[0-9A-Za-z]+)"
    r"_(?P<number>\d{5})(?P<last>_last)?\.csv"
)
# SystemModstamp is set when a transaction saves but visible only when it commits. Apex may run ten minutes in between,
# and the servers' clocks differ slightly.
OVERLAP = timedelta(minutes=15)


def stem(until: datetime, since: datetime | None, fields: str, job: str) -> str:
    return f"{stamp(until)}_{stamp(since) if since else START}_{fields}_{name_of_id(job)}"


def stamp(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def parse_stamp(text: str) -> datetime | None:
    return None if text == START else datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


@dataclass(frozen=True)
class Extract:
    """One extraction with all its pages in the warehouse."""

    until: datetime
    since: datetime | None
    fields: str


def complete_extracts(landed: Iterable[str]) -> list[Extract]:
    """The extractions with all pages landed, in order of time."""
    pages: dict[Extract, dict[str, dict[int, bool]]] = defaultdict(lambda: defaultdict(dict))
    for name in landed:
        if match := PAGE.fullmatch(name):
            until = parse_stamp(match["until"])
            assert until is not None
            extract = Extract(until, parse_stamp(match["since"]), match["fields"])
            pages[extract][match["job"]][int(match["number"])] = match["last"] is not None
    whole = [
        extract
        for extract, jobs in pages.items()
        if any(numbers[last] and len(numbers) == last for numbers in jobs.values() for last in (max(numbers),))
    ]
    return sorted(whole, key=lambda extract: (extract.until, extract.since is not None))


def watermark(landed: Iterable[str], fields: str) -> datetime | None:
    """The time up to which the warehouse has every change, with these fields; None: extract from the start.

    Starts at an extraction from the start and continues while the next one begins at or before the time reached.
    """
    reached: datetime | None = None
    for extract in complete_extracts(landed):
        if extract.fields != fields:
            continue
        if extract.since is None or (reached is not None and extract.since <= reached):
            reached = max(reached or extract.until, extract.until)
    return reached
