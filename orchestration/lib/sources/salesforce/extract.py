"""Extracts one object: everything that changed since the watermark, page by page, into the landing folder."""

import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, StringConstraints

from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.sources.answers import Row, encoded
from orchestration.lib.sources.errors import EndlessList, LiveSourceError, WrongAnswer
from orchestration.lib.sources.files import clear_parts, remove, write_atomically, write_json
from orchestration.lib.sources.salesforce import bulk, watermark
from orchestration.lib.sources.salesforce.fields import CURSORS, ObjectFields, describe
from orchestration.lib.sources.salesforce.org import API_VERSION, SOURCE, Org

# Hidden, so landing ignores it. It only saves work: without it an extraction starts again.
STATE_FILE = ".extract.json"
JOBS_TRIED = 3
# A new rate changes NextStartDate of the previous rate but not that row's SystemModstamp. The two tables are tiny, so
# each is read completely, in one call, and written if it differs from the last time.
RECORDS_PREFIX = f"/services/data/v{API_VERSION}/"
NEXT_RECORDS = rf"^{re.escape(RECORDS_PREFIX)}query(All)?/[0-9A-Za-z-]+$"
WHOLE_OBJECTS = frozenset({"CurrencyType", "DatedConversionRate"})


class Records(BaseModel):
    """One page of a query. The address of the next one is a path of the same list, on the same host."""

    records: list[Row]
    done: bool
    nextRecordsUrl: Annotated[str, StringConstraints(pattern=NEXT_RECORDS)] | None = None

    @property
    def next_path(self) -> str | None:
        return self.nextRecordsUrl and self.nextRecordsUrl.removeprefix(RECORDS_PREFIX)


@dataclass(frozen=True)
class Extraction:
    """The result of one extraction of an object."""

    table: str
    in_org: bool
    files: tuple[str, ...] = ()
    rows: int = 0
    since: datetime | None = None
    until: datetime | None = None
    missing: tuple[str, ...] = ()
    is_resumed: bool = False


def extract(
    org: Org, table: SourceTable, landing_dir: Path, landed: Collection[str], *, from_start: bool = False
) -> Extraction:
    """Extracts one object of the org into the landing folder.

    `landed` are the names of its files whose rows are in the warehouse; they give the watermark. Only landing moves the
    watermark, by committing.
    """
    fields = describe(org, table)
    folder = landing_dir / table.folder
    if fields is None:
        return Extraction(table.name, in_org=False)
    clear_parts(folder, watermark.PAGE)
    if table.name in WHOLE_OBJECTS:
        return _extract_whole(org, fields, folder)
    if fields.cursor is None:
        raise LiveSourceError(
            f"{table.name} has none of {', '.join(CURSORS)} that this user may read, so changed rows "
            "cannot be found. Give the user read access to the object's system fields."
        )
    reached = None if from_start else watermark.watermark(landed, fields.digest)
    since = reached - watermark.OVERLAP if reached else None
    done = _run_until_done(org, fields, folder, since)
    if not done.is_resumed:
        return done
    # The job of an interrupted run ends at the time of that run: extract from there to now.
    assert done.until is not None
    rest = _run_until_done(org, fields, folder, done.until - watermark.OVERLAP)
    return replace(done, files=done.files + rest.files, rows=done.rows + rest.rows, until=rest.until)


def query(fields: ObjectFields, since: datetime | None) -> str:
    """The SOQL of one extraction. Names come from the org's own description, the time from the watermark."""
    where = f" WHERE {fields.cursor} >= {since:%Y-%m-%dT%H:%M:%SZ}" if since else ""
    return f"SELECT {', '.join(fields.fields)} FROM {fields.name}{where}"


class _Progress(BaseModel):
    """The progress of an extraction, stored so that the next process can resume it."""

    job: bulk.Job
    since: AwareDatetime | None
    fields_digest: str
    locator: str = bulk.FIRST_PAGE
    pages: int = 0
    rows: int = 0
    files: list[str] = []

    def save(self, path: Path) -> None:
        write_json(path, self.model_dump(mode="json", by_alias=True))

    @classmethod
    def load(cls, path: Path) -> "_Progress | None":
        """None if the file is missing or unreadable: it saves work but is never required."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (OSError, ValueError):
            return None


def _run_until_done(org: Org, fields: ObjectFields, folder: Path, since: datetime | None) -> Extraction:
    failure = None
    for _ in range(JOBS_TRIED):
        try:
            return _run(org, fields, folder, since)
        except bulk.JobLost as lost:
            failure = lost
            remove(folder / STATE_FILE)
    raise LiveSourceError(
        f"{fields.name}: {JOBS_TRIED} query jobs in a row did not return their results. Last error: {failure}"
    )


def _run(org: Org, fields: ObjectFields, folder: Path, since: datetime | None) -> Extraction:
    """One job from its first page, or from the last one that a broken run saved, to its end."""
    state_file = folder / STATE_FILE
    progress = _Progress.load(state_file)
    is_resumed = progress is not None and _can_resume(progress, fields, since)
    if progress is None or not is_resumed:
        job = bulk.create_job(org, query(fields, since))
        progress = _Progress(job=job, since=since, fields_digest=fields.digest)
        progress.save(state_file)
    bulk.wait_for(org, progress.job)
    stem = watermark.stem(progress.job.created_at, progress.since, progress.fields_digest, progress.job.id)
    pages = org.session.pages(progress.pages)
    while True:
        try:
            pages.enter(progress.locator)
        except EndlessList:
            # Otherwise the next run would resume inside the loop.
            remove(state_file)
            raise
        name = bulk.PageName(folder, stem, progress.pages + 1)
        page, path = bulk.fetch_page(org, progress.job, progress.locator, name, fields.fields)
        progress.pages += 1
        progress.rows += page.rows
        if path is not None:
            progress.files.append(path.name)
        if page.next_locator is None:
            break
        progress.locator = page.next_locator
        progress.save(state_file)
    remove(state_file)
    return Extraction(
        table=fields.name,
        in_org=True,
        files=tuple(progress.files),
        rows=progress.rows,
        since=progress.since,
        until=progress.job.created_at,
        missing=fields.missing,
        is_resumed=is_resumed,
    )


def _can_resume(progress: _Progress, fields: ObjectFields, since: datetime | None) -> bool:
    """Whether an interrupted extraction can be resumed: it has the same fields and starts early enough."""
    return progress.fields_digest == fields.digest and (
        progress.since is None or (since is not None and progress.since <= since)
    )


def read_whole(org: Org, fields: ObjectFields) -> list[Row]:
    """All records of a tiny object."""
    answer = org.get("queryAll", Records, q=f"SELECT {', '.join(fields.fields)} FROM {fields.name}")
    records = list(answer.records)
    pages = org.session.pages()
    while not answer.done and answer.next_path:
        pages.enter(answer.next_path)
        answer = org.get(answer.next_path, Records)
        records += answer.records
    if not answer.done:
        raise WrongAnswer(SOURCE, "queryAll", "the list is not complete, and nextRecordsUrl is missing")
    return records


def _extract_whole(org: Org, fields: ObjectFields, folder: Path) -> Extraction:
    """Extracts a tiny object completely, if it differs from the newest file."""
    records = read_whole(org, fields)
    if not records:
        return Extraction(fields.name, True, missing=fields.missing)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(fields.fields)
    writer.writerows([_text(record.get(field)) for field in fields.fields] for record in records)
    content = encoded(text.getvalue())

    newest = max(folder.glob("*_whole.csv"), default=None, key=lambda path: path.name)
    if newest is not None and newest.read_bytes() == content:
        return Extraction(fields.name, True, missing=fields.missing)
    path = folder / f"{watermark.stamp(org.session.clock.now())}_whole.csv"
    write_atomically(path, lambda part: part.write_bytes(content))
    return Extraction(fields.name, True, (path.name,), len(records), missing=fields.missing)


def _text(value: Any) -> str:
    """A JSON value as the bulk CSV would write it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
