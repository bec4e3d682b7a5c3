"""What a published version says it was made from, and what landing keeps so that it can be made again."""

import csv
import errno
import json
from dataclasses import replace

import duckdb
import pytest

from orchestration.__main__ import main
from orchestration.defs.transform.assets import publish_build
from orchestration.lib import landing
from orchestration.lib.changes import describe, rebuild
from orchestration.lib.errors import UserError
from orchestration.lib.landing import history
from orchestration.lib.settings import PROJECT_DIR
from tests.canaries import PERSONAL
from tests.harness import Project
from tests.orchestration.test_plan import plan, pretend_build, write_sessions

# The marts of these tests are a stand-in, so rpt_changes has nothing to compare.
WARNINGS: list[str] = []
SESSIONS = next(table for table in landing.read_sources(PROJECT_DIR) if table.folder == "web/sessions")
TASK = {"Id": "00T000000000001", "CreatedDate": "2024-05-01T10:10:00Z", "bizible2__BizibleId__c": ""}
SHEET = (PROJECT_DIR / "seeds" / "channel_rules.csv").read_text(encoding="utf-8")


def publish(project: Project) -> None:
    project.land()
    pretend_build(project, plan(project, full=True))
    with duckdb.connect(str(project.settings.marts_build)) as con:
        con.execute("CREATE TABLE fct_money AS SELECT 2.50::DECIMAL(18, 2) AS revenue UNION ALL SELECT 0.25")
    from orchestration.lib.publish import mark_audited

    mark_audited(project.settings.marts_build, reason="Full refresh: you asked for it")
    publish_build(project.settings, WARNINGS.append)


def test_one_version_has_nothing_to_be_compared_with(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("orchestration.__main__.Settings.current", lambda: project.settings)
    assert main(["compare"]) == 1
    assert "Nothing is published" in capsys.readouterr().err
    write_sessions(project, "a", "b")
    project.write("salesforce/Task", [TASK])
    publish(project)
    assert main(["compare"]) == 0
    assert capsys.readouterr().out == "Only one version is published: there is nothing to compare it with.\n"


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (csv.Error(f"field larger than {PERSONAL[0]}"), "Error"),
        (OSError(errno.EIO, "Input/output error"), "the disk cannot be read or written"),
        (UserError("the record is damaged."), "the record is damaged"),
        (duckdb.ConversionException(f"Could not convert {PERSONAL[0]}"), "ConversionException"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_comparison_that_fails_is_a_warning(
    project: Project, monkeypatch: pytest.MonkeyPatch, raised: Exception, reason: str
) -> None:
    def fail(*_: object) -> None:
        raise raised

    write_sessions(project, "a")
    project.write("salesforce/Task", [TASK])
    publish(project)
    monkeypatch.setattr(describe, "compare", fail)
    WARNINGS.clear()
    publish(project)
    assert len(list(project.settings.marts.parent.glob("marts.0*.duckdb"))) == 2
    assert project.query_published("FROM rpt_changes") == []
    text = "Warning: rpt_changes is empty: the version before could not be compared"
    (warning,) = WARNINGS
    assert warning == f"{text} ({reason})."


def test_every_version_is_described_also_after_it_was_removed(project: Project) -> None:
    project.settings = replace(project.settings, keep_versions=1)
    write_sessions(project, "a", "b")
    project.write("salesforce/Task", [TASK])
    publish(project)
    project.write_seed("channel_rules", SHEET + "Other,New,,,,,,\n")
    (project.folder / "config" / "variables.yml").write_text("call_session_window_minutes: 45\n")
    write_sessions(project, "c")
    publish(project)

    assert len(list(project.settings.marts.parent.glob("marts.0*.duckdb"))) == 1
    first, second = project.query_published("FROM publications ORDER BY version")
    assert (first["version"], first["loads"], first["through_load"]) == (1, [1], 1)
    assert (second["version"], second["loads"], second["through_load"]) == (2, [2], 2)
    assert [file["path"] for file in first["files"]] == ["salesforce/Task/0002.csv", "web/sessions/0001.csv"]
    assert [(file["path"], file["landed"]) for file in second["files"]] == [("web/sessions/0003.csv", 1)]
    assert second["reason"] == "Full refresh: you asked for it"
    assert {"mart": "fct_money", "row_count": 2, "totals": {"revenue": 2.75}} in [
        {**mart, "totals": {name: float(total) for name, total in mart["totals"].items()}} for mart in second["marts"]
    ]
    window = [json.loads(row["variables"]["call_session_window_minutes"]) for row in (first, second)]
    assert window == [30, 45]
    texts = {row["digest"]: row["text"] for row in project.query_published("FROM publication_seeds")}
    sheets = [texts[row["seeds"]["channel_rules"]] for row in (first, second)]
    assert sheets == [SHEET, SHEET + "Other,New,,,,,,\n"]
    changed = {name for name in first["seeds"] if first["seeds"][name] != second["seeds"][name]}
    assert changed == {"channel_rules"}
    assert first["fingerprint"] == second["fingerprint"], "variables and seeds are columns of their own"
    assert "model fct_calls" in first["fingerprint"]


def test_a_damaged_version_ends_the_history_but_not_the_publication(project: Project) -> None:
    write_sessions(project, "a")
    project.write("salesforce/Task", [TASK])
    publish(project)
    publish(project)
    damaged = project.settings.marts.resolve()
    damaged.chmod(0o600)
    damaged.write_bytes(b"damaged")
    publish(project)
    assert [row["version"] for row in project.query_published("FROM publications ORDER BY 1")] == [1, 3]


def test_the_rows_of_any_load_are_known(project: Project) -> None:
    def session(name: str, **more: str) -> dict[str, str]:
        return {"ID": name, "COOKIE_ID": "c" * 32, "EVENT_DATE": "2024-05-01 10:00:00"} | more

    project.write("salesforce/Task", [TASK])
    steps = [
        [session("a", **{'A "~/ name': "1"}), session("b", MODIFIED_DATE="2024-05-02 00:00:00")],
        [session("a", **{'A "~/ name': 'é"\n'}), session("c")],
        [session("b", MODIFIED_DATE="2024-05-01 00:00:00", CITY="older, changes nothing")],
        [session("b", MODIFIED_DATE="2024-05-03 00:00:00", IS_DELETED="true"), session("a", FURTHER="x")],
    ]
    seen = []
    for step in steps:
        # One file of one name: what it had before can only be known from the warehouse.
        project.write("web/sessions", step, name="export")
        project.land()
        seen.append(project.query("FROM warehouse.raw_web.sessions ORDER BY _row_key"))
    with landing.connect(project.settings.warehouse) as con:
        for load_id, rows in enumerate(seen, 1):
            cursor = con.execute(f"FROM ({history.as_of(con, SESSIONS, load_id)}) ORDER BY _row_key")
            names = [column[0] for column in cursor.description or []]
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            wanted = [dict.fromkeys(names) | row for row in rows]
            for row in [*found, *wanted]:
                del row["_content_hash"]  # of the columns of that day
            assert found == wanted, f"after load {load_id}"
        assert history.first_load(con) == 1


def test_a_replay_through_a_day_ends_with_its_last_landing(project: Project) -> None:
    """A day ends before midnight, UTC; a landing that ran over midnight belongs to the next one."""
    project.write("salesforce/Task", [TASK])
    times = [
        ("2026-03-02 10:00:00",),
        ("2026-03-03 00:00:00",),
        ("2026-03-03 23:59:59.999999",),
        ("2026-03-03 23:59:59", "2026-03-04 00:00:00"),
        ("2026-03-06 00:00:00",),
    ]
    for load_id, files in enumerate(times, 1):
        for at in files:
            write_sessions(project, f"s {at}")
        project.land()
        with landing.connect(project.settings.warehouse) as con:
            con.execute("UPDATE landing.files SET landed_at = ? WHERE load_id = ?", [files[0], load_id])
            con.execute(
                "UPDATE landing.files SET landed_at = ? WHERE path = (SELECT max(path) FROM landing.files)", [files[-1]]
            )
    through = {day: rebuild._load_of(project.settings, f"2026-03-{day:02}") for day in range(2, 32)}
    assert through == {2: 1, 3: 3, 4: 4, 5: 4} | dict.fromkeys(range(6, 32), 5)
    assert [rebuild._load_of(project.settings, f"{load_id}") for load_id in range(1, 6)] == [1, 2, 3, 4, 5]
    with pytest.raises(UserError, match=r"2026-03-01\. Landings that can: 1 \(2026-03-02\) to 5 \(2026-03-06\)"):
        rebuild._load_of(project.settings, "2026-03-01")


def test_a_rebuild_has_columns_that_an_upgrade_of_the_project_reads(project: Project) -> None:
    write_sessions(project, "a")
    project.write("salesforce/Task", [TASK])
    project.land()
    with landing.connect(project.settings.warehouse) as con:
        con.execute('ALTER TABLE raw_web.sessions DROP COLUMN "CITY"')
    scratch = project.folder / "scratch.duckdb"
    rebuild._copy_landed(project.settings, scratch, 1)
    with duckdb.connect(str(scratch)) as con:
        assert con.execute('SELECT "ID", "CITY", _load_id FROM raw_web.sessions').fetchall() == [("a", None, 1)]
        assert con.execute("SELECT max(load_id) FROM landing.tables").fetchall() == [(1,)]
