"""Tables of a database, from a real Postgres through dlt into the landing folder."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine, text

from orchestration.lib.sources import databases, run
from orchestration.lib.sources.errors import LiveSourceError
from orchestration.lib.sources.run import ExtractionResult
from tests.harness import Project

TABLE = "salesforce/Task"
DDL = """
create table salesforce.task (
    id varchar(18) primary key, bizible_2_bizible_id_c text, created_date timestamptz, call_duration_in_seconds numeric,
    details jsonb, _fivetran_synced {kind}, _fivetran_deleted boolean
)
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path, config_dir=tmp_path / "config")
    (tmp_path / "config").mkdir()
    configure(project)
    project.write("web/sessions", [{"ID": "s", "COOKIE_ID": "c", "EVENT_DATE": "2024-05-01"}])
    return project


def configure(project: Project, **changes: Any) -> None:
    entry = {"url_variable": "TEST_DATABASE_URL", "cursor": "_fivetran_synced", "tables": {TABLE: "salesforce.task"}}
    assert project.settings.config_dir
    (project.settings.config_dir / "sources.yml").write_text(yaml.safe_dump({"databases": [entry | changes]}))


@pytest.fixture
def task(database: Engine) -> Engine:
    execute(database, DDL.format(kind="timestamptz"))
    return database


def execute(engine: Engine, statement: str, **values: Any) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def put(engine: Engine, number: int, synced: str, deleted: bool = False, cookie: str = "c") -> None:
    execute(
        engine,
        """
        insert into salesforce.task values
            (:id, :cookie, '2024-05-01 12:00:00.123456+02', 61.50, '{"a": [1]}', :synced, :deleted)
        on conflict (id) do update set bizible_2_bizible_id_c = excluded.bizible_2_bizible_id_c,
            _fivetran_synced = excluded._fivetran_synced, _fivetran_deleted = excluded._fivetran_deleted
        """,
        id=f"00T{number:012}",
        cookie=cookie,
        synced=synced,
        deleted=deleted,
    )


def extract(project: Project) -> ExtractionResult:
    (result,) = run.extract_all(project.settings, run.live_tables(project.settings, {}))
    return result


def landed(project: Project, columns: str = "_row_key[12:15], bizible2__BizibleId__c, _is_deleted") -> list[Any]:
    project.land()
    found = project.query(f"select {columns} from warehouse.raw_salesforce.Task order by _row_key")
    return [tuple(row.values()) for row in found]


def test_columns_that_differ_only_in_case_are_an_error_of_their_table(tmp_path: Path) -> None:
    """Not of DuckDB, which would end the whole extraction; and without a value."""
    with pytest.raises(LiveSourceError, match="differ only in case") as error:
        databases._write([{"email": "jane@example.com", "Email": "x"}], tmp_path / "a.parquet.part")
    assert "jane" not in str(error.value)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("kind", ["timestamptz", "timestamp"])
def test_rows_land_as_they_are_and_once(database: Engine, project: Project, kind: str) -> None:
    execute(database, DDL.format(kind=kind))
    put(database, 1, "2024-05-02 00:00:00.5")
    first = extract(project)
    assert (first.error, first.rows) == (None, 1)
    columns = "CreatedDate, CallDurationInSeconds, details, _version_at"
    assert landed(project, columns) == [
        ("2024-05-01 10:00:00.123456", "61.50", '{"a": [1]}', datetime(2024, 5, 2, 0, 0, 0, 500_000))
    ]
    again = extract(project)
    assert (again.files, again.notes["since"]) == ((), "2024-05-01T23:45:00.500000+00:00")


def test_changed_deleted_and_late_rows(task: Engine, project: Project) -> None:
    for number in (1, 2, 3):
        put(task, number, "2024-05-02 00:00:00+00")
    assert extract(project).rows == 3
    assert [row[0] for row in landed(project)] == ["0001", "0002", "0003"]
    # The same cursor value as the watermark, and a transaction that was open when the first run read.
    put(task, 4, "2024-05-02 00:00:00+00")
    put(task, 5, "2024-05-01 23:50:00+00")
    put(task, 1, "2024-05-03 00:00:00+00", cookie="d")
    put(task, 2, "2024-05-03 00:00:00+00", deleted=True)
    # Deleted without a mark: the landed row stays.
    execute(task, "delete from salesforce.task where id like '%3'")
    extract(project)
    assert landed(project) == [
        ("0001", "d", False),
        ("0002", "c", True),
        ("0003", "c", False),
        ("0004", "c", False),
        ("0005", "c", False),
    ]
    # The same version time twice: the row that was read later counts.
    put(task, 1, "2024-05-03 00:00:00+00", cookie="e")
    extract(project)
    assert landed(project)[0] == ("0001", "e", False)


def test_a_row_from_the_future_hides_no_later_change(task: Engine, project: Project) -> None:
    """A loader's wrong clock; the row lands like any other."""
    put(task, 1, "2024-05-02 00:00:00+00")
    put(task, 2, "2099-01-01 00:00:00+00")
    first = extract(project)
    assert (first.rows, first.notes["rows_dated_in_the_future"]) == (2, 1)
    put(task, 3, "2024-05-03 00:00:00+00")
    assert extract(project).notes["since"] == "2024-05-01T23:45:00+00:00"
    put(task, 4, "2024-05-04 00:00:00+00")
    # The rows at the watermark come once more, the row from the future does not.
    assert [extract(project).rows for _ in range(3)] == [2, 1, 0]
    assert [row[0] for row in landed(project)] == ["0001", "0002", "0003", "0004"]


def test_a_cursor_of_the_first_millennium(task: Engine, project: Project) -> None:
    put(task, 1, "0101-01-01 00:00:00+00")
    assert extract(project).rows == 1
    assert extract(project).files == ()


def test_an_interrupted_run_goes_on_after_its_last_file(
    task: Engine, project: Project, in_this_process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal cursor values lie on both sides of the cut."""
    monkeypatch.setattr(databases, "CHUNK_ROWS", 3)
    for number in range(9):
        put(task, number, f"2024-05-{2 + number // 4:02} 00:00:00+00")
    write, calls = databases._write, []

    def killed(chunk: Any, part: Path) -> None:
        calls.append(part)
        if len(calls) == 2:
            part.write_text("half of")
            raise KeyboardInterrupt
        write(chunk, part)

    monkeypatch.setattr(databases, "_write", killed)
    with pytest.raises(KeyboardInterrupt):
        extract(project)
    folder = project.settings.landing_dir / TABLE
    assert len(list(folder.glob("*.parquet"))) == 1
    result = extract(project)
    assert result.notes["since"] == "2024-05-01T23:45:00+00:00"
    assert list(folder.glob("*.part")) == []
    assert [row[0] for row in landed(project)] == [f"{number:04}" for number in range(9)]
    # The chunks of the next run begin elsewhere, and land nothing.
    extract(project)
    project.land()
    assert extract(project).files == ()
    assert len({row["_load_id"] for row in project.query("from warehouse.raw_salesforce.Task")}) == 1


def test_a_lost_warehouse_gets_what_it_lacks(task: Engine, project: Project) -> None:
    """Landed files can be moved away; the warehouse knows their names."""
    put(task, 1, "2024-05-02 00:00:00+00")
    extract(project)
    landed(project)
    folder = project.settings.landing_dir / TABLE
    for path in folder.glob("*.parquet"):
        path.unlink()
    assert extract(project).files == ()
    project.settings.warehouse.unlink()
    assert extract(project).rows == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cursor": "id"}, "the cursor id must be a column with a time; the table has another type"),
        ({"cursor": "modified"}, "the cursor modified must be a column with a time; the table has no such column"),
        ({"tables": {TABLE: "salesforce.tusk"}}, "salesforce.tusk cannot be read (NoSuchTableError). Check TEST_DAT"),
        ({"url_variable": "NOT_SET"}, "NOT_SET is not set"),
    ],
)
def test_errors_say_what_to_do(task: Engine, project: Project, changes: dict[str, Any], message: str) -> None:
    configure(project, **changes)
    error = str(extract(project).error)
    assert message in error and "secret-word" not in error


def test_an_unreachable_database_names_no_password(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql+psycopg2://test:secret-word@127.0.0.1:9/postgres")
    error = str(extract(project).error)
    assert "salesforce.task cannot be read (" in error and "secret-word" not in error and "127.0" not in error
