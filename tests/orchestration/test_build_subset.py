"""Small parts of the orchestration: retries, listings, printed tables."""

import errno
import os
from pathlib import Path

import duckdb
import pytest
import sqlalchemy

from orchestration.lib import terminal
from orchestration.lib.build import dbt
from orchestration.lib.build.dbt import DbtError, NodeResult
from orchestration.lib.build.progress import NodeProgress
from orchestration.lib.errors import UserError
from orchestration.lib.landing import read_sources, watch
from orchestration.lib.publish import summary
from orchestration.lib.retry import is_transient, wait_before
from orchestration.lib.settings import PROJECT_DIR
from orchestration.runtime import storage
from tests.harness import plain_manifest

SOURCES = read_sources(PROJECT_DIR)


def test_a_locked_file_is_transient(tmp_path: Path) -> None:
    assert is_transient(OSError(errno.EBUSY, "busy"))
    assert is_transient(duckdb.IOException("IO Error: Could not set lock on file"))
    assert is_transient(DbtError("Runtime Error: Could not set lock on file"))
    cause = UserError("cannot be written")
    cause.__cause__ = OSError(errno.EIO, "input/output error")
    assert is_transient(cause)


def test_what_needs_a_person_is_not_tried_again() -> None:
    assert not is_transient(UserError("a column is missing"))
    assert not is_transient(OSError(errno.ENOSPC, "no space left"))
    assert not is_transient(PermissionError(errno.EACCES, "denied"))


def test_each_wait_is_longer() -> None:
    assert [wait_before(retry) for retry in range(4)] == [2, 4, 8, 16]


def test_a_listing_changes_with_names_sizes_and_times_of_complete_files(tmp_path: Path) -> None:
    folder = tmp_path / "web" / "sessions"
    folder.mkdir(parents=True)
    empty = watch.fingerprint(tmp_path, SOURCES)
    assert empty[1] == 0
    for name in ("a.csv.tmp", "b.csv.part", "b.csv.TMP", ".c.csv", "notes.txt", "x.part/a.csv", "_new/a.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("what landing does not read")
    (tmp_path / "web" / "no_such_table").mkdir()
    (tmp_path / "web" / "no_such_table" / "a.csv").write_text("ID\n1\n")
    assert watch.fingerprint(tmp_path, SOURCES) == empty

    seen = {empty[0]}
    file = folder / "a.csv"
    file.write_text("ID\n1\n")
    seen.add(watch.fingerprint(tmp_path, SOURCES)[0])
    os.utime(file, ns=(1, 1))
    seen.add(watch.fingerprint(tmp_path, SOURCES)[0])
    file.write_text("ID\n1\n2\n")
    seen.add(watch.fingerprint(tmp_path, SOURCES)[0])
    file.rename(folder / "b.csv")
    seen.add(watch.fingerprint(tmp_path, SOURCES)[0])
    assert len(seen) == 5
    assert watch.fingerprint(tmp_path, SOURCES) == watch.fingerprint(tmp_path, SOURCES)


def test_a_listing_follows_the_links_that_landing_follows(tmp_path: Path) -> None:
    (tmp_path / "landing" / "web").mkdir(parents=True)
    (tmp_path / "landing" / "moved").mkdir()
    (tmp_path / "landing" / "web" / "sessions").symlink_to(tmp_path / "landing" / "moved")
    (tmp_path / "landing" / "moved" / "a.csv").write_text("ID\n1\n")
    (tmp_path / "outside.csv").write_text("ID\n1\n")
    (tmp_path / "landing" / "moved" / "b.csv").symlink_to(tmp_path / "outside.csv")
    assert watch.fingerprint(tmp_path / "landing", SOURCES)[1] == 1


def test_a_name_that_is_not_utf_8_is_new_like_any_other(tmp_path: Path) -> None:
    folder = tmp_path / "web" / "sessions"
    folder.mkdir(parents=True)
    before = watch.fingerprint(tmp_path, SOURCES)
    (folder / os.fsdecode(b"caf\xe9.csv")).write_text("ID\n1\n")
    assert watch.fingerprint(tmp_path, SOURCES) != before


def test_a_folder_that_is_not_there_holds_no_files(tmp_path: Path) -> None:
    assert watch.fingerprint(tmp_path / "nothing", SOURCES)[1] == 0


def test_a_table_is_aligned() -> None:
    assert terminal.table(["channel", "calls"], [("Paid Search", 1200), (None, 3)]) == [
        "  channel      calls",
        "  -----------  -----",
        "  Paid Search  1,200",
        "  (none)           3",
    ]


def test_booleans_are_words() -> None:
    assert terminal.table(["is_won"], [(True,), (False,), (None,)])[2:] == ["  true", "  false", "  (none)"]


def test_the_summary_counts_calls_as_the_report_by_channel_does(tmp_path: Path) -> None:
    marts = tmp_path / "marts.duckdb"
    with duckdb.connect(str(marts)) as connection:
        connection.execute("CREATE TABLE fct_calls AS SELECT 'merged' AS verdict FROM range(9)")
        connection.execute(
            "CREATE TABLE fct_touchpoints AS"
            " SELECT unnest(['Paid Search', 'Paid Search', 'Paid Search', 'Direct', 'Direct', 'Email']) AS channel"
        )
        connection.execute(
            "CREATE TABLE rpt_calls_by_channel AS"
            " SELECT unnest(['Paid Search', 'Paid Search', 'Direct']) AS channel, unnest([2, 3, 1]) AS calls"
        )
    lines = summary.summarise(marts).splitlines()
    start = lines.index("Touchpoints and calls by channel")
    assert lines[start + 2 : start + 7] == [
        "  channel      touchpoints  calls",
        "  -----------  -----------  -----",
        "  Paid Search            3      5",
        "  Direct                 2      1",
        "  Email                  1      0",
    ]


@pytest.mark.parametrize(
    ("python", "said"),
    [
        (".venv-3.12/bin/python3.12", ".venv-3.12/bin/dbt"),
        ("/opt/other venv/bin/python", "'/opt/other venv/bin/dbt'"),
    ],
)
def test_messages_name_commands_of_the_environment_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.executable", str(tmp_path / python))
    assert terminal.command("dbt") == said
    conversion = dbt.repeatable("Runtime Error in model a\n  Conversion Error: 'jane@buoy.example'", "a")
    assert f"`{said} build --select a` shows it" in conversion
    text = "marts.a computed a row of a component that is not affected."
    of_spark = f"Job aborted: jane@buoy.example\n  Caused by: java.lang.RuntimeException: {text}\n\tat jane"
    assert dbt.repeatable(f"Runtime Error in model a\n  {of_spark}", "a") == f"Runtime Error in model a\n{text}"


@pytest.mark.parametrize(
    "message",
    ["[Errno 28] No space left on device: '/x/jane'", 'IO Error: Could not write file "/x/jane": disk is full'],
)
def test_a_full_disk_is_named(message: str) -> None:
    assert dbt.repeatable(f"Runtime Error in model a\n  {message}", "a") == (
        "Runtime Error in model a\nThe disk is full."
    )


@pytest.mark.parametrize("sql", ["", ";", "-- nothing"])
def test_a_query_without_a_statement_is_named(tmp_path: Path, sql: str) -> None:
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as connection:
        connection.execute("create table a (b int)")
    with pytest.raises(UserError, match="has no statement"):
        summary.answer(tmp_path / "marts.duckdb", sql)


def test_a_query_on_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Run `make build` first"):
        summary.answer(tmp_path / "marts.duckdb", "select 1")


def test_progress_names_what_failed_and_what_is_odd() -> None:
    said: list[str] = []
    progress = NodeProgress(said.append, {"nodes": {"a": {"resource_type": "test"}, "b": {"resource_type": "seed"}}})
    for status, name in (("pass", "good"), ("warn", "odd"), ("fail", "bad")):
        progress(NodeResult(f"test.{name}", name, "test", status, 0.1, 0, "Got 1 result"))
    assert said == ["Warning: test odd: Got 1 result", "test bad failed"]


def test_r7_4_the_warning_about_stages_without_a_history_says_what_to_land() -> None:
    said: list[str] = []
    name = "every_stage_has_a_history"
    progress = NodeProgress(said.append, plain_manifest())
    progress(NodeResult(f"test.call_attribution.{name}", name, "test", "warn", 0.1, 1, "Got 1 result"))
    [line] = said
    assert line.startswith(f"Warning: test {name}: Stages of seeds/stages.csv get no position")
    assert "LeadHistory" in line and "OpportunityHistory" in line


def test_a_statement_is_compiled_once_whichever_file_it_goes_to(tmp_path: Path) -> None:
    storage.relax()
    table = sqlalchemy.Table("events", sqlalchemy.MetaData(), sqlalchemy.Column("id", sqlalchemy.Integer))
    compiled = []
    for number in range(3):
        engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / str(number)}", poolclass=sqlalchemy.NullPool)
        with engine.begin() as connection:
            table.create(connection)
            compiled.append(connection.execute(table.insert().values(id=number)).context.compiled)
            assert connection.execute(sqlalchemy.select(table.c.id)).fetchall() == [(number,)]
        engine.dispose()
    assert compiled[0] is compiled[1] is compiled[2]


def test_the_record_of_runs_is_not_written_back_at_every_close(tmp_path: Path) -> None:
    storage.relax()
    path = tmp_path / "runs.db"
    for number in range(2):
        engine = sqlalchemy.create_engine(f"sqlite:///{path}", poolclass=sqlalchemy.NullPool)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
            connection.exec_driver_sql(f"CREATE TABLE events_{number} (id INTEGER)")
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        engine.dispose()
        # The last one to close would have written the log back and removed it.
        assert Path(f"{path}-wal").stat().st_size > 0
