"""Checks a connection before the first run: what would be extracted, what is missing, how many calls it takes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.sources.errors import LiveSourceError
from orchestration.lib.sources.salesforce.bulk import PAGE_ROWS
from orchestration.lib.sources.salesforce.extract import WHOLE_OBJECTS
from orchestration.lib.sources.salesforce.fields import describe
from orchestration.lib.sources.salesforce.org import Org

# Describe, create the job, poll it: a short job is ready at the second or third poll.
CALLS_BEFORE_PAGES = 5
POLLS_PER_PAGE = 1


class RecordCount(BaseModel):
    name: str
    count: int


class RecordCounts(BaseModel):
    sObjects: list[RecordCount]


class Limit(BaseModel):
    Max: int
    Remaining: int


class OrgLimits(BaseModel):
    DailyApiRequests: Limit | None = None


@dataclass(frozen=True)
class ObjectCheck:
    """One object as the org describes it."""

    name: str
    in_org: bool
    rows: int | None = None
    fields: int = 0
    missing: tuple[str, ...] = ()
    error: str | None = None

    @property
    def first_calls(self) -> int:
        if not self.in_org:
            return 1
        if self.name in WHOLE_OBJECTS:
            return 2
        pages = max(1, math.ceil((self.rows or 0) / PAGE_ROWS))
        return CALLS_BEFORE_PAGES + pages + POLLS_PER_PAGE * (pages - 1)

    @property
    def hourly_calls(self) -> int:
        return 1 if not self.in_org else 2 if self.name in WHOLE_OBJECTS else CALLS_BEFORE_PAGES + 1


@dataclass(frozen=True)
class OrgCheck:
    """The whole answer of `make check-salesforce`."""

    host: str
    objects: tuple[ObjectCheck, ...]
    calls_left: int | None
    calls_a_day: int | None
    spent: int

    @property
    def ok(self) -> bool:
        return not any(item.error for item in self.objects)

    @property
    def first_calls(self) -> int:
        return sum(item.first_calls for item in self.objects)

    @property
    def hourly_calls(self) -> int:
        return sum(item.hourly_calls for item in self.objects)

    def lines(self) -> list[str]:
        """The answer as text."""
        text = [f"Connected to {self.host}.", "", f"{'object':<24}{'rows (about)':>14}{'fields':>8}  remarks"]
        for item in self.objects:
            rows = "-" if not item.in_org else "?" if item.rows is None else f"{item.rows:,}"
            text.append(f"{item.name:<24}{rows:>14}{item.fields or '-':>8}  {_remark(item)}".rstrip())
        text += [
            "",
            f"API calls: about {self.first_calls:,} for the first run, {self.hourly_calls:,} for each run after it, "
            f"{self.hourly_calls * 24:,} a day when it runs every hour. This check took {self.spent}.",
        ]
        if self.calls_left is not None and self.calls_a_day is not None:
            text.append(f"The org has {self.calls_left:,} of {self.calls_a_day:,} calls left for today.")
        text.append("Everything is ready for the first run." if self.ok else "Not ready: see the remarks.")
        return text


def check(org: Org, tables: Sequence[SourceTable]) -> OrgCheck:
    """Describes every object and counts its rows; extracts nothing."""
    named = ",".join(table.name for table in tables)
    counts = {item.name: item.count for item in org.get("limits/recordCount", RecordCounts, sObjects=named).sObjects}
    objects = tuple(_check_object(org, table, counts) for table in tables)
    limit = org.get("limits", OrgLimits).DailyApiRequests
    return OrgCheck(org.host, objects, limit and limit.Remaining, limit and limit.Max, org.calls)


def _check_object(org: Org, table: SourceTable, counts: dict[str, int]) -> ObjectCheck:
    try:
        fields = describe(org, table)
    except LiveSourceError as failure:
        return ObjectCheck(table.name, False, error=str(failure))
    if fields is None:
        return ObjectCheck(table.name, False)
    return ObjectCheck(table.name, True, counts.get(table.name), len(fields.fields), fields.missing)


def _remark(item: ObjectCheck) -> str:
    if item.error:
        return item.error
    if not item.in_org:
        return "not in this org, or not visible to this user: skipped"
    return f"without {', '.join(item.missing)}" if item.missing else ""
