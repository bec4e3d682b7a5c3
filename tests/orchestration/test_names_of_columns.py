"""A further column of a file or of a sheet has no effect, whatever its name: no name of the program means it."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib import landing
from orchestration.lib.landing.contract import normalise
from orchestration.lib.settings import PROJECT_DIR
from tests.harness import Project, plain_manifest
from tests.orchestration.test_landing import NAMES_OF_THE_PROGRAM

pytestmark = pytest.mark.slow

MARTS = ("fct_calls", "fct_touchpoints", "rpt_call_provider_reconciliation")
TABLES = {table.folder: table for table in landing.read_sources(PROJECT_DIR)}
# Several rules of the sheet match it, so their order decides.
PAGE = "https://www.acme.example/?utm_source=google&utm_medium=cpc&gclid=1"


def further_columns(table: str) -> list[str]:
    """Names that landing, staging and later models use, except those by which a file means a column of the contract."""
    contract = TABLES[table]
    meant = {normalise(name) for name in (*(c.name for c in contract.columns), *contract.version, *contract.deleted_by)}
    names = [*NAMES_OF_THE_PROGRAM, "leg_number"]
    for node in plain_manifest()["nodes"].values():
        if node["resource_type"] == "model" and node["name"].startswith(("stg_", "int_calls__", "int_visits__")):
            names += node["columns"]
    by_name = {normalise(name): name for name in names}
    return [name for key, name in by_name.items() if key not in meant]


def write(project: Project, table: str, rows: Iterable[dict[str, Any]], format: str, has_further: bool) -> None:
    # A text: where a number of the program is meant, it stops the build.
    further = dict.fromkeys(further_columns(table) if has_further else [], "text")
    project.write(table, [row | further for row in rows], format)


def build(project: Project, has_further: bool = False) -> dict[str, list[dict[str, Any]]]:
    """Two days of calls in two sessions, with Invoca's log; landed one after the other, so that rows meet rows."""
    # The logged calls are between the Tasks: before or after all of them, none would be missing in Salesforce.
    for number, day, logged_at in ((1, "2024-05-01", "12:00:00"), (2, "2024-05-02", "09:00:00")):
        cookie = f"{number:032x}"
        session = {"ID": f"s{number}", "COOKIE_ID": cookie, "EVENT_DATE": f"{day} 10:00:00", "LANDING_PAGE_RAW": PAGE}
        call = {"Id": f"00T00000000000{number}", "bizible2__BizibleId__c": cookie, "CreatedDate": f"{day}T10:10:00Z"}
        logged = {
            "transaction_id": f"T{number}",
            "complete_call_id": f"C{number}",
            "start_time_utc": f"{day}T{logged_at}Z",
        }
        write(project, "web/sessions", [session], "csv", has_further)
        write(project, "salesforce/Task", [call | {"Type": "Call"}], "parquet", has_further)
        write(project, "calls/invoca", [logged | {"duration": "60"}], "jsonl", has_further)
        project.land()
    project.build(select=[f"+{mart}" for mart in MARTS])
    return {mart: project.query(f"select * from {mart} order by all") for mart in MARTS}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    found = build(Project(tmp_path_factory.mktemp("plain")))
    assert [row["verdict"] for row in found["fct_calls"]] == ["merged", "merged"]
    assert {row["channel_path"] for row in found["fct_touchpoints"]} == {"Paid Search.AdWords"}
    assert {row["provider_call_id"] for row in found["rpt_call_provider_reconciliation"]} >= {"C1", "C2"}
    return found


def test_columns_of_files_reach_no_mart(project: Project, plain: dict[str, list[dict[str, Any]]]) -> None:
    """A column `version_number` of the log once lost all its calls, and `rowid` other sessions."""
    assert {"rowid", "version_number", "leg_number", "started_at"} <= set(
        map(str.lower, further_columns("calls/invoca"))
    )
    assert build(project, has_further=True) == plain


def test_columns_of_own_sheets_reach_no_mart(project: Project, plain: dict[str, list[dict[str, Any]]]) -> None:
    """A column `rowid` of the rule sheet once replaced the order of the rules."""
    for sheet in sorted((PROJECT_DIR / "seeds").glob("*.csv")):
        project.write_seed(sheet.stem, with_column(sheet, "rowid"))
    assert build(project) == plain


def with_column(sheet: Path, name: str) -> str:
    """The sheet with a column more, which numbers its rows from the last to the first."""
    header, *rows = csv.reader(io.StringIO(sheet.read_text(encoding="utf-8")))
    text = io.StringIO()
    csv.writer(text).writerows([[*header, name], *([*row, len(rows) - n] for n, row in enumerate(rows))])
    return text.getvalue()
