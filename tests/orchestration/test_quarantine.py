"""`make quarantine`: what landing could not use, where it is, and its text only on demand."""

from pathlib import Path

import duckdb
import pytest

from orchestration.lib.errors import UserError
from orchestration.lib.landing import quarantine
from tests.harness import Project


@pytest.fixture
def landed(project: Project) -> Project:
    project.write("web/sessions", [{"ID": "s1", "COOKIE_ID": "c1", "EVENT_DATE": "2024-05-01 10:00:00"}])
    tasks = [
        {"Id": "00T000000000001", "CreatedDate": "2024-05-01T10:10:00.000Z", "IsDeleted": "perhaps"},
        {"Id": "", "CreatedDate": "2024-05-01T10:10:00.000Z", "IsDeleted": "jane@example.com\x1b[31m"},
        {"Id": "", "CreatedDate": "2024-05-01T10:10:00.000Z", "IsDeleted": ""},
    ]
    project.write("salesforce/Task", [task | {"bizible2__BizibleId__c": ""} for task in tasks], name="tasks")
    project.land()
    return project


def test_places_and_counts_are_listed_without_text(landed: Project) -> None:
    text = quarantine.describe(landed.settings.warehouse, raw=False)
    assert "Quarantined records: 2" in text
    [record] = [line for line in text.splitlines() if line.endswith("2  3, 4")]
    assert record.split()[0] == "salesforce/Task" and "salesforce/Task/tasks.csv" in record
    [value] = [line for line in text.splitlines() if "IsDeleted" in line]
    assert value.split() == ["salesforce/Task", "IsDeleted", "salesforce/Task/tasks.csv", "1", "2"]
    assert "jane" not in text and "perhaps" not in text


def test_text_is_shown_on_demand_and_cannot_drive_the_terminal(landed: Project) -> None:
    text = quarantine.describe(landed.settings.warehouse, raw=True)
    assert "jane@example.com\\x1b[31m" in text
    assert "2: perhaps" in text
    assert "\x1b" not in text


def test_a_long_list_ends(landed: Project) -> None:
    with duckdb.connect(str(landed.settings.warehouse)) as connection:
        connection.execute("INSERT INTO landing.quarantine BY NAME SELECT 'reason ' || range AS reason FROM range(150)")
    assert "... and 51 more lines of this list" in quarantine.describe(landed.settings.warehouse, raw=False)


def test_without_a_warehouse_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="make build"):
        quarantine.describe(tmp_path / "warehouse.duckdb", raw=False)
