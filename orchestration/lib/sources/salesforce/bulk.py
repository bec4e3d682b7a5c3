"""Query jobs of Bulk API 2.0: make one, wait for it, fetch its pages to disk."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import requests

from orchestration.lib.sources.errors import LiveSourceError, NotThere, Refused
from orchestration.lib.sources.files import write_whole
from orchestration.lib.sources.http import Passing, passing, patiently
from orchestration.lib.sources.salesforce.org import Org

# Rows a page: few calls, and one page repeated after a broken line costs seconds.
PAGE_ROWS = 100_000
FIRST_POLL_SECONDS = 2.0
LONGEST_POLL_SECONDS = 30.0
# Salesforce gives up on a job after fifteen tries of up to ten minutes each.
LONGEST_JOB_SECONDS = 4 * 3600
FIRST_PAGE = ""


@dataclass(frozen=True)
class Job:
    """A query job; `created_at` is the server's clock, the only one that agrees with SystemModstamp."""

    id: str
    created_at: datetime


class JobLost(LiveSourceError):
    """The job is gone, aborted, failed, or its results have expired: a new one has to be made."""


def create_job(org: Org, query: str) -> Job:
    """Asks for deleted and archived rows too: closed Tasks of a year ago come with queryAll only."""
    answer = org.post(
        "jobs/query", {"operation": "queryAll", "query": query, "columnDelimiter": "COMMA", "lineEnding": "LF"}
    )
    return Job(answer["id"], datetime.fromisoformat(answer["createdDate"]).astimezone(UTC))


def wait_for(org: Org, job: Job) -> None:
    """Polls until the results are there, ever more slowly."""
    waited, delay = 0.0, FIRST_POLL_SECONDS
    while waited < LONGEST_JOB_SECONDS:
        try:
            answer = org.get(f"jobs/query/{job.id}")
        except NotThere:
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
    """What one page of results said beside its rows."""

    rows: int
    next_locator: str | None


def fetch_page(org: Org, job: Job, locator: str, name: "PageName") -> tuple[Page, Path | None]:
    """One page, whole, under its name. A page that breaks off is fetched again; an empty result leaves no file."""
    return patiently(lambda: _fetch_once(org, job, locator, name), org.session.source, org.session.clock)


@dataclass(frozen=True)
class PageName:
    """Names a page once its last or not is known, which the answer's head tells."""

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
            write_whole(path, lambda part: _save(response, part, rows))
        except requests.exceptions.RequestException as error:
            failure = passing(error, org.host)
    if failure is not None:
        raise failure
    return page, path


def _save(response: requests.Response, part: Path, announced: int) -> None:
    with open(part, "wb") as file:
        for chunk in response.iter_content(chunk_size=1 << 20):
            # Salesforce passes on NUL characters that users pasted; no CSV reader takes them.
            file.write(chunk.replace(b"\0", b""))
    found = count_records(part)
    if found != announced:
        raise Passing(f"a page of {announced} records that held {found}")


def count_records(path: Path) -> int:
    """Records of a CSV page below its header. A line break inside quotes ends no record: the quotes so far are odd."""
    records = quotes = 0
    with open(path, "rb") as file:
        for line in file:
            quotes += line.count(b'"')
            records += quotes % 2 == 0
    return records - 1
