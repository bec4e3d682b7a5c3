"""Query jobs of Bulk API 2.0: create one, wait for it, fetch its pages to disk."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, TypeAdapter, ValidationError

from orchestration.lib.sources import files
from orchestration.lib.sources.errors import LiveSourceError, NotFound, Refused, WrongAnswer
from orchestration.lib.sources.http import TransientError
from orchestration.lib.sources.salesforce.org import SOURCE, Org, known_code
from orchestration.lib.terminal import counted

# Rows per page: few calls, and repeating a page after a broken connection takes seconds.
PAGE_ROWS = 100_000
FIRST_POLL_SECONDS = 2.0
LONGEST_POLL_SECONDS = 30.0
# Salesforce gives up on a job after fifteen tries of up to ten minutes each.
LONGEST_JOB_SECONDS = 4 * 3600
FIRST_PAGE = ""
# The job's time becomes the watermark. One in the future would hide every change until then.
LONGEST_CLOCK_DIFFERENCE = timedelta(days=1)

Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{15}([0-9A-Za-z]{3})?$")]


class Job(BaseModel):
    """A query job; `created_at` is the server's clock, the only clock that agrees with SystemModstamp."""

    id: Id
    created_at: AwareDatetime = Field(alias="createdDate")


class JobState(BaseModel):
    state: str
    errorMessage: str | None = None


class PageHeaders(BaseModel):
    """The headers of a page of results."""

    rows: int = Field(alias="Sforce-NumberOfRecords", ge=0)
    locator: str = Field(alias="Sforce-Locator", default="null", max_length=1000)

    @property
    def next_locator(self) -> str | None:
        return None if self.locator in ("null", "") else self.locator


class JobLost(LiveSourceError):
    """The job is gone, aborted or failed, or its results have expired: a new job is needed."""


def create_job(org: Org, query: str) -> Job:
    """Includes deleted and archived rows: only queryAll returns closed Tasks that are a year old."""
    path = "jobs/query"
    job = org.post(path, Job, {"operation": "queryAll", "query": query, "columnDelimiter": "COMMA", "lineEnding": "LF"})
    if job.created_at.year < 2000 or job.created_at > org.session.clock.now() + LONGEST_CLOCK_DIFFERENCE:
        raise WrongAnswer(SOURCE, path, "createdDate is far from the time of this machine's clock")
    return job.model_copy(update={"created_at": job.created_at.astimezone(UTC)})


def wait_for(org: Org, job: Job) -> None:
    """Polls until the results are available, with growing delays."""
    waited, delay = 0.0, FIRST_POLL_SECONDS
    while waited < LONGEST_JOB_SECONDS:
        try:
            answer = org.get(f"jobs/query/{job.id}", JobState)
        except NotFound:
            raise JobLost(f"Query job {job.id} no longer exists.") from None
        if answer.state == "JobComplete":
            return
        if answer.state in ("Failed", "Aborted"):
            reason = known_code(answer.errorMessage or "") or "Setup, Bulk Data Load Jobs, shows the reason"
            raise JobLost(f"Query job {job.id} is {answer.state.lower()}: {reason}")
        org.session.wait(delay)
        waited, delay = waited + delay, min(LONGEST_POLL_SECONDS, delay * 1.5)
    raise JobLost(f"Query job {job.id} did not end within {LONGEST_JOB_SECONDS // 3600} hours.")


@dataclass(frozen=True)
class PageName:
    """The name of a page. The answer's header shows whether it is the last page, which is part of the name."""

    folder: Path
    stem: str
    number: int

    def path(self, is_last: bool) -> Path:
        return self.folder / f"{self.stem}_{self.number:05d}{'_last' if is_last else ''}.csv"


def fetch_page(
    org: Org, job: Job, locator: str, name: PageName, columns: tuple[str, ...]
) -> tuple[PageHeaders, Path | None]:
    """Writes one complete page under its name. An interrupted page is fetched again; an empty result has no file."""
    what = f"jobs/query/{job.id}/results"
    part = files.part_of(name.path(is_last=False))
    saved: list[PageHeaders] = []

    def save(headers: Mapping[str, str], chunks: Iterator[bytes]) -> None:
        page = _read_headers(headers, what)
        with open(part, "wb") as file:
            for chunk in chunks:
                # Salesforce returns NUL characters that users pasted; CSV readers do not accept them.
                file.write(chunk.replace(b"\0", b""))
        _require_page(part, page.rows, columns, what)
        saved.append(page)

    params = {"maxRecords": str(PAGE_ROWS), **({"locator": locator} if locator else {})}
    try:
        org.download(what, save, **params)
    except Refused as failure:
        # An unknown locator or expired results; nothing else about this request can be wrong.
        raise JobLost(f"The results of query job {job.id} are gone ({failure.code or 'refused'}).") from None
    if not saved:
        raise WrongAnswer(SOURCE, what, "a page of results has status 200")
    page = saved[-1]
    if page.rows == 0 and page.next_locator is None and name.number == 1:
        part.unlink()
        return page, None
    path = name.path(is_last=page.next_locator is None)
    files.keep(part, path)
    return page, path


def _read_headers(headers: Mapping[str, str], what: str) -> PageHeaders:
    try:
        # Only the two: the names of all others, and their case, are the server's.
        given = {name: headers[name] for name in ("Sforce-NumberOfRecords", "Sforce-Locator") if name in headers}
        return TypeAdapter(PageHeaders).validate_python(given)
    except ValidationError:
        pass
    raise WrongAnswer(SOURCE, what, "Sforce-NumberOfRecords or Sforce-Locator is missing or has another type")


def _require_page(part: Path, announced: int, columns: tuple[str, ...], what: str) -> None:
    found = count_records(part)
    if found != announced:
        raise TransientError(f"a page of {counted(announced, 'record')} contained {found}")
    with open(part, newline="", encoding="utf-8-sig", errors="replace") as file:
        # A header is far shorter; the reader refuses longer fields.
        header = next(csv.reader([file.readline(csv.field_size_limit())]), [])
    if announced and [name.lower() for name in header] != [name.lower() for name in columns]:
        raise WrongAnswer(SOURCE, what, "the columns are not those of the query")


def count_records(path: Path) -> int:
    """Records of a CSV page below its header. After an odd number of quotes, a line break is part of a value."""
    records = quotes = 0
    with open(path, "rb") as file:
        for line in file:
            quotes += line.count(b'"')
            records += quotes % 2 == 0
    return max(0, records - 1)
