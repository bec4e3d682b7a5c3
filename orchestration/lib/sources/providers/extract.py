"""Extracts a provider's log into the landing folder: new calls, and recent calls that may have been corrected.

Every file is an extraction of its own, named `<time of extraction>_<from>_<to>.jsonl.gz`. The
watermark is computed from the names of the landed files, as for Salesforce. Later files sort later, so the newest
version of a call wins.
"""

import gzip
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path

from orchestration.lib.sources.errors import LiveSourceError
from orchestration.lib.sources.files import clear_parts, write_atomically
from orchestration.lib.sources.http import Clock
from orchestration.lib.sources.providers.logs import ListMoved, ListsByDay, ListsByTransaction, Row

START = "start"
FILE = re.compile(r"(?P<at>\d{8}T\d{12}Z)_(?P<since>[0-9A-Za-z-]+)_(?P<until>[0-9A-Za-z-]+)\.jsonl\.gz")
# CallRail keeps 25 months and refuses days before that.
HISTORY_DAYS = 730
WINDOW_DAYS = 30
# Recordings, tags and durations are filled in within hours; the day before may still be running in the account's zone.
LOOKBACK_DAYS = 2
# The weekly reconciliation finds calls that were excluded, marked as spam or corrected by hand.
RECONCILIATION_DAYS = 45
READS_TRIED = 3


@dataclass(frozen=True)
class LogExtraction:
    """The result of one extraction of a log."""

    provider: str
    files: tuple[str, ...]
    rows: int
    since: str


def extract(
    provider: str,
    log: ListsByDay | ListsByTransaction,
    landing_dir: Path,
    landed: Collection[str],
    clock: Clock,
    lookback_days: int = LOOKBACK_DAYS,
) -> LogExtraction:
    """Everything since the last landed file; `landed` are the names of the landed files of the provider's folder."""
    folder = landing_dir / "calls" / provider
    clear_parts(folder, FILE)
    if hasattr(log, "read_after"):
        return _extract_transactions(provider, log, folder, landed, clock)  # pyright: ignore[reportArgumentType]
    return _extract_days(provider, log, folder, landed, clock, lookback_days)  # pyright: ignore[reportArgumentType]


def _extract_days(
    provider: str, log: ListsByDay, folder: Path, landed: Collection[str], clock: Clock, lookback_days: int
) -> LogExtraction:
    today = clock.now().astimezone(UTC).date()
    reached = reached_day(landed)
    first = reached - timedelta(days=lookback_days) if reached else today - timedelta(days=HISTORY_DAYS)
    since = str(first) if reached else START
    beginning = since
    files: list[str] = []
    rows = 0
    while first <= today:
        last = min(first + timedelta(days=WINDOW_DAYS - 1), today)
        # In a zone ahead of UTC, tomorrow has already begun.
        asked = last + timedelta(days=1) if last == today else last
        name = f"{_moment(clock)}_{since}_{last}.jsonl.gz"
        written = _write_consistent(folder / name, lambda first=first, asked=asked: log.read(first, asked))
        if written:
            files.append(name)
            rows += written
            # Days without a call have no file, so the name of the next file includes them.
            since = str(last + timedelta(days=1))
        first = last + timedelta(days=1)
    return LogExtraction(provider, tuple(files), rows, beginning)


def _extract_transactions(
    provider: str, log: ListsByTransaction, folder: Path, landed: Collection[str], clock: Clock
) -> LogExtraction:
    beginning = cursor = reached_transaction(landed)
    files: list[str] = []
    rows = 0
    while page := log.read_after("" if cursor == START else cursor):
        last = str(page[-1]["transaction_id"])
        if last == cursor:
            raise LiveSourceError(
                f"{provider} lists transaction {last} after itself. The extraction stopped; nothing is lost."
            )
        name = f"{_moment(clock)}_{cursor}_{last}.jsonl.gz"
        rows += _write(folder / name, page)
        files.append(name)
        cursor = last
    return LogExtraction(provider, tuple(files), rows, beginning)


def reached_day(landed: Iterable[str]) -> date | None:
    """The last day up to which every file has landed, from the first one on."""
    reached: date | None = None
    for match in sorted(_matches(landed), key=lambda match: match["until"]):
        until, since = date.fromisoformat(match["until"]), match["since"]
        if since == START or (reached and date.fromisoformat(since) <= reached + timedelta(days=1)):
            reached = max(reached or until, until)
    return reached


def reached_transaction(landed: Iterable[str]) -> str:
    """The last transaction in the chain of landed files; each file starts where another ended."""
    following = {match["since"]: match["until"] for match in _matches(landed)}
    reached = START
    while reached in following:
        reached = following.pop(reached)
    return reached


def _matches(landed: Iterable[str]) -> list[re.Match[str]]:
    return [match for name in sorted(landed) if (match := FILE.fullmatch(name))]


def _moment(clock: Clock) -> str:
    now: datetime = clock.now().astimezone(UTC)
    return f"{now:%Y%m%dT%H%M%S%f}Z"


def _write_consistent(path: Path, read: Callable[[], Iterator[Row]]) -> int:
    """Reads the list again if it changed while its pages were read."""
    failure = None
    for _ in range(READS_TRIED):
        try:
            return _write(path, read())
        except ListMoved as moved:
            failure = moved
    raise LiveSourceError(f"{path.parent.name}: {failure} It was read {READS_TRIED} times; try again later.")


def _write(path: Path, rows: Iterable[Row]) -> int:
    """One JSON object per line, in the order of arrival; no rows, no file."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return 0

    def fill(part: Path) -> int:
        written = 0
        # Without a time in the header, so that equal rows give equal bytes.
        with open(part, "wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file:
            for row in chain([first], rows):
                file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
                written += 1
        return written

    return write_atomically(path, fill)
