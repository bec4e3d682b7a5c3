"""Query jobs of Bulk API 2.0: create one, wait for it, fetch its pages to disk."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import requests

from orchestration.lib.sources.errors import LiveSourceError, NotFound, Refused
from orchestration.lib.sources.files import write_atomically
from orchestration.lib.sources.http import TransientError, error_of, with_retries
from orchestration.lib.sources.salesforce.org import Org

# Rows per page: few calls, and repeating a page after a broken connection takes seconds.
PAGE_ROWS = 100_000
FIRST_POLL_SECONDS = 2.0
LONGEST_POLL_SECONDS = 30.0
# Salesforce gives up on a job after fifteen tries of up to ten minutes each.
LONGEST_JOB_SECONDS = 4 * 3600
FIRST_PAGE = ""


@dataclass(frozen=True)
class Job:
    """A query job; `created_at` is the server's clock, the only clock that agrees with SystemModstamp."""

    id: str
    created_at: datetime


class JobLost(LiveSourceError):
    """The job is gone, aborted or failed, or its results have expired: a new job is needed."""


def create_job(org: Org, query: str) -> Job:
    """Includes deleted and archived rows: only queryAll returns closed Tasks that are a year old."""
    answer = org.post(
        "jobs/query", {"operation": "queryAll", "query": query, "columnDelimiter": "COMMA", "lineEnding": "LF"}
    )
    return Job(answer["id"], datetime.fromisoformat(answer["createdDate"]).astimezone(UTC))


def wait_for(org: Org, job: Job) -> None:
    """Polls until the results are available, with growing delays."""
    waited, delay = 0.0, FIRST_POLL_SECONDS
    while waited < LONGEST_JOB_SECONDS:
        try:
            answer = org.get(f"jobs/query/{job.id}")
        except NotFound:
            raise JobLost(f"Query job {job.id} no longer exists.") from None
        if answer["state"] == "JobComplete":
            return
        if answer["state"] in ("Failed", "Aborted"):
            reason = answer.get("errorMessage") or "no reason given"
            raise JobLost(f"Query job {job.id} is {answer['state'].lower()}: {reason[:300]}")
        org.session.clock.sleep(delay)
        waited, delay = waited + delay, min(LONGEST_POLL_SECONDS, delay * 1.5)
    raise JobLost(f"Query job {job.id} did not end within {LONGEST_JOB_SECONDS // 3600} hours.")


@dataclass(frozen=True)
class Page:
    """The metadata of one page of results."""

    rows: int
    next_locator: str | None


def fetch_page(org: Org, job: Job, locator: str, name: "PageName") -> tuple[Page, Path | None]:
    """Writes one complete page under its name. An interrupted page is fetched again; an empty result has no file."""
    return with_retries(lambda: _fetch_once(org, job, locator, name), org.session.source, org.session.clock)


@dataclass(frozen=True)
class PageName:
    """The name of a page. The answer's header shows whether it is the last page, which is part of the name."""

    folder: Path
    stem: str
    number: int

    def path(self, is_last: bool) -> Path:
        return self.folder / f"{self.stem}_{self.number:05d}{'_last' if is_last else ''}.csv"


def _fetch_once(org: Org, job: Job, locator: str, name: PageName) -> tuple[Page, Path | None]:
    params = {"maxRecords": str(PAGE_ROWS), **({"locator": locator} if locator else {})}
    try:
        response = org.stream(f"jobs/query/{job.id}/results", **params)
    except Refused as failure:
        # An unknown locator or expired results; nothing else about this request can be wrong.
        raise JobLost(f"The results of query job {job.id} are gone ({failure.code or failure}).") from None
    failure = None
    with response:
        rows = int(response.headers["Sforce-NumberOfRecords"])
        following = response.headers.get("Sforce-Locator", "null")
        page = Page(rows, None if following in ("null", "") else following)
        if rows == 0 and page.next_locator is None and name.number == 1:
            return page, None
        path = name.path(is_last=page.next_locator is None)
        try:
            write_atomically(path, lambda part: _save(response, part, rows))
        except requests.exceptions.RequestException as error:
            failure = error_of(error, org.host)
    if failure is not None:
        raise failure
    return page, path


def _save(response: requests.Response, part: Path, announced: int) -> None:
    with open(part, "wb") as file:
        for chunk in response.iter_content(chunk_size=1 << 20):
            # Salesforce returns NUL characters that users pasted; CSV readers do not accept them.
            file.write(chunk.replace(b"\0", b""))
    found = count_records(part)
    if found != announced:
        raise TransientError(f"a page of {announced} records contained {found}")


def count_records(path: Path) -> int:
    """Records of a CSV page below its header. After an odd number of quotes, a line break is part of a value."""
    records = quotes = 0
    with open(path, "rb") as file:
        for line in file:
            quotes += line.count(b'"')
            records += quotes % 2 == 0
    return records - 1
