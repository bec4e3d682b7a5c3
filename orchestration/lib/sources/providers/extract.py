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
from itertools import chain, islice
from pathlib import Path

from orchestration.lib.landing.readers import LONGEST_NAME
from orchestration.lib.sources.answers import Row, encoded
from orchestration.lib.sources.errors import EndlessList, LiveSourceError, WrongAnswer
from orchestration.lib.sources.files import clear_parts, id_of_name, name_of_id, stamp, write_atomically
from orchestration.lib.sources.http import Clock
from orchestration.lib.sources.providers.logs import ListMoved, ListsByDay, ListsByTransaction, Log, id_of

START = "start"
FILE = re.compile(r"(?P<at>\d{8}T\d{12}Z)_(?P<since>[0-9A-Za-z%-]+)_(?P<until>[0-9A-Za-z%-]+)\.jsonl\.gz")
# CallRail keeps 25 months and refuses days before that.
HISTORY_DAYS = 730
WINDOW_DAYS = 30
# Recordings, tags and durations are filled in within hours; the day before may still be running in the account's zone.
LOOKBACK_DAYS = 2
# The weekly reconciliation finds calls that were excluded, marked as spam or corrected by hand.
RECONCILIATION_DAYS = 45
READS_TRIED = 3
# Of all fields of a file; providers have about a hundred and some of the account's own.
MOST_NAMES = 500
# A file's time that is further ahead came from a wrong clock.
WRONG_CLOCK = timedelta(days=1)


@dataclass(frozen=True)
class LogExtraction:
    """The result of one extraction of a log."""

    provider: str
    files: tuple[str, ...]
    rows: int
    since: str


def extract(
    provider: str,
    log: Log,
    landing_dir: Path,
    landed: Collection[str],
    clock: Clock,
    lookback_days: int = LOOKBACK_DAYS,
) -> LogExtraction:
    """Everything since the last landed file; `landed` are the names of the landed files of the provider's folder."""
    folder = landing_dir / "calls" / provider
    clear_parts(folder, FILE)
    if isinstance(log, ListsByTransaction):
        return _extract_transactions(provider, log, folder, landed, clock)
    return _extract_days(provider, log, folder, landed, clock, lookback_days)


def _extract_days(
    provider: str, log: ListsByDay, folder: Path, landed: Collection[str], clock: Clock, lookback_days: int
) -> LogExtraction:
    now = clock.now().astimezone(UTC)
    today = now.date()
    reached = reached_day(landed, now + WRONG_CLOCK)
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
    passed = chain_of_transactions(landed)
    beginning = cursor = passed[-1]
    files: list[str] = []
    rows = 0
    pages = log.client.pages()
    while page := log.read_after("" if cursor == START else id_of_name(cursor)):
        pages.enter(cursor)
        last = next((found for row in reversed(page) if (found := id_of(row, "transaction_id"))), None)
        if last is None:
            raise WrongAnswer(provider, "the list of transactions", "no transaction has an id")
        last = name_of_id(last)
        if last in passed:
            raise EndlessList(provider, len(files), repeats=True)
        name = f"{_moment(clock)}_{cursor}_{last}.jsonl.gz"
        rows += _write(folder / name, page)
        files.append(name)
        passed.append(last)
        cursor = last
    return LogExtraction(provider, tuple(files), rows, beginning)


def reached_day(landed: Iterable[str], latest: datetime) -> date | None:
    """The last day up to which every file has landed, from the first one on.

    Files that were extracted after `latest` do not count: the clock was wrong then, and read days that had not come.
    """
    reached: date | None = None
    extracted = [match for match in _matches(landed) if match["at"] <= stamp(latest)]
    for match in sorted(extracted, key=lambda match: match["until"]):
        until, since = date.fromisoformat(match["until"]), match["since"]
        if since == START or (reached and date.fromisoformat(since) <= reached + timedelta(days=1)):
            reached = max(reached or until, until)
    return reached


def chain_of_transactions(landed: Iterable[str]) -> list[str]:
    """The chain of landed files; each file starts where another ended. The last one is the transaction reached."""
    following = {match["since"]: match["until"] for match in _matches(landed)}
    chain = [START]
    while chain[-1] in following:
        chain.append(following.pop(chain[-1]))
    return chain


def _matches(landed: Iterable[str]) -> list[re.Match[str]]:
    return [match for name in sorted(landed) if (match := FILE.fullmatch(name))]


def _moment(clock: Clock) -> str:
    return stamp(clock.now().astimezone(UTC))


def _write_consistent(path: Path, read: Callable[[], Iterator[Row]]) -> int:
    """Reads the list again if it changed while its pages were read."""
    failure = None
    for _ in range(READS_TRIED):
        try:
            return _write(path, read())
        except ListMoved as moved:
            failure = moved
    raise LiveSourceError(f"{path.parent.name}: {failure} It was read {READS_TRIED} times; try again later.")


def _with_known_names(row: Row, names: set[str]) -> Row:
    """The row without fields for which landing would refuse the whole file: names are people's in some providers."""
    new = (name for name in row if name not in names and len(name) <= LONGEST_NAME)
    names.update(islice(new, MOST_NAMES - len(names)))
    return {name: value for name, value in row.items() if name in names}


def _line(row: Row, provider: str) -> str:
    try:
        return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        pass
    raise WrongAnswer(provider, "the list of calls", "a call is nested too deeply")


def _write(path: Path, rows: Iterable[Row]) -> int:
    """One JSON object per line, in the order of arrival; no rows, no file."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return 0

    def fill(part: Path) -> int:
        written = 0
        names: set[str] = set()
        # Without a time in the header, so that equal rows give equal bytes.
        with open(part, "wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file:
            for row in chain([first], rows):
                file.write(encoded(_line(_with_known_names(row, names), path.parent.name)) + b"\n")
                written += 1
        return written

    return write_atomically(path, fill)
