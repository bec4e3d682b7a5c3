"""What a run builds and why: decided from what landed and from what the last finished build was made with."""

import copy
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib import landing, publish
from orchestration.lib.build import dbt, increments
from orchestration.lib.build.increments import Arrival, Plan
from orchestration.lib.errors import UserError
from orchestration.lib.settings import PROJECT_DIR
from tests.harness import Project, plain_manifest, settings_in
from tests.orchestration.test_dbt import DBT_PROJECT
from tests.orchestration.test_faults import FORK, SELECT

COOKIE = "277d79d01678498fea067c9b631bf6df"


def plan(project: Project, manifest: increments.Manifest | None = None, **options: Any) -> Plan:
    return increments.plan(project.settings, manifest or plain_manifest(), **options)


def pretend_build(project: Project, plan: Plan) -> None:
    """A finished build as far as its books go, without the seconds that dbt takes."""
    increments.begin(project.settings, plan)
    project.settings.marts_build.unlink(missing_ok=True)
    with duckdb.connect(str(project.settings.marts_build)) as connection:
        connection.execute("CREATE TABLE fct_calls AS SELECT 1 AS one")
    publish.seal(project.settings.marts_build)
    increments.finish(project.settings, plan)


def write_sessions(project: Project, *ids: str) -> None:
    rows = [{"ID": name, "COOKIE_ID": COOKIE, "EVENT_DATE": "2024-05-01 10:00:00"} for name in ids]
    project.write("web/sessions", rows)


def write_task(project: Project, name: str = "00T000000000001", **fields: Any) -> None:
    task = {"Id": name, "CreatedDate": "2024-05-01T10:10:00.000Z", "bizible2__BizibleId__c": COOKIE, "Type": "Call"}
    project.write("salesforce/Task", [task | fields])


@pytest.fixture
def built(project: Project) -> Project:
    """A session and a call, landed and built."""
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    pretend_build(project, plan(project))
    return project


def test_the_first_build_is_whole(project: Project) -> None:
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    first = plan(project)
    assert (first.kind, first.reason) == ("full", "it is the first build")
    assert (first.after_batch, first.through_batch) == (0, 1)
    assert first.arrived == (Arrival("salesforce/Task", 1, 1), Arrival("web/sessions", 1, 1))
    assert increments.variables(first) == {}


def test_nothing_new_is_nothing_to_build(built: Project) -> None:
    built.land()
    again = plan(built)
    assert again.kind == "nothing"
    assert str(again) == "Nothing to build: no new row arrived, and nothing that rows are computed with changed."


def test_what_arrived_since_the_last_build_is_an_increment(built: Project) -> None:
    write_sessions(built, "s2", "s3")
    built.land()
    write_sessions(built, "s4")
    built.land()
    increment = plan(built)
    assert increment.kind == "increment"
    assert str(increment) == "Only what is affected is built anew: new in web/sessions (2 files, 3 rows)."
    assert increments.variables(increment) == {"increment": {"after_batch": 1, "unfinished": False}}
    pretend_build(built, increment)
    assert plan(built).kind == "nothing"
    assert plan(built).after_batch == 3


def test_a_file_of_known_rows_is_nothing_to_build(built: Project) -> None:
    write_sessions(built, "s1")
    [report] = [report for report in built.land() if report.files]
    assert report.total("unchanged") == 1
    assert plan(built).kind == "nothing"


def test_a_full_build_is_made_when_it_is_asked_for(built: Project) -> None:
    assert plan(built, full=True).reason == "a full build was asked for"


def changed(change: Callable[[dict[str, Any]], None]) -> increments.Manifest:
    manifest = copy.deepcopy(dict(plain_manifest()))
    change(manifest)
    return manifest


def first_of(nodes: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [node for node in nodes.values() if node["name"] == name and node["resource_type"] != "test"]
    return found


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda all: first_of(all["nodes"], "fct_calls")["checksum"].update(checksum="x"), "model fct_calls changed"),
        (lambda all: first_of(all["nodes"], "fct_calls")["config"].update(materialized="view"), "model fct_calls chan"),
        (lambda all: first_of(all["macros"], "window_pairs").update(macro_sql=""), "macro window_pairs changed"),
        (
            lambda all: first_of(all["sources"], "sessions")["columns"].popitem(),
            "the input contract of web/sessions changed",
        ),
    ],
    ids=["model", "configuration", "macro", "contract"],
)
def test_what_rows_are_computed_with_is_named_when_it_changed(built: Project, change: Any, reason: str) -> None:
    decided = plan(built, changed(change))
    assert decided.kind == "full"
    assert decided.reason.startswith(reason)
    pretend_build(built, decided)
    assert plan(built, changed(change)).kind == "nothing"


def test_an_edited_seed_is_named(built: Project) -> None:
    sheet = PROJECT_DIR / "seeds" / "channel_rules.csv"
    built.write_seed("channel_rules", sheet.read_text(encoding="utf-8"))
    assert plan(built).kind == "nothing"
    built.write_seed("channel_rules", sheet.read_text(encoding="utf-8") + "Radio,,,,,,\n")
    assert plan(built).reason == "seed channel_rules changed"


def test_a_changed_variable_is_named_with_its_values(built: Project) -> None:
    assert plan(built, variables={"call_session_window_minutes": 45}).reason == (
        "variable call_session_window_minutes is 45, it was 30"
    )
    sheet = PROJECT_DIR / "seeds" / "channel_rules.csv"
    built.write_seed("channel_rules", sheet.read_text(encoding="utf-8"))
    file = built.settings.project_dir / "dbt_project.yml"
    file.write_text(file.read_text().replace("dedupe_calls: true", "dedupe_calls: false"))
    assert plan(built).reason == "variable dedupe_calls is false, it was true"


def test_another_engine_is_named(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(increments, "version", lambda package: "0.1")
    assert plan(built).reason.startswith("dbt-core is 0.1, it was 1.")


def test_of_many_changes_some_are_named_and_the_others_counted() -> None:
    before = {"model a": "1", "model b": "1", "seed c": "1", "variable d": "1"}
    now = {"model a": "2", "model b": "2", "seed e": "1", "variable d": "2"}
    assert increments._changes(before, now) == "model a changed; model b changed; seed c is gone; and 2 more changes"


def test_another_test_changes_no_result(tmp_path: Path) -> None:
    project = tmp_path / "dbt project"
    for name, text in DBT_PROJECT.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    settings = settings_in(tmp_path, project_dir=project)

    def fingerprint() -> dict[str, str]:
        manifest = dbt.parse(settings).writable_manifest().to_dict(omit_none=False)
        return increments.fingerprint(settings, manifest, {})

    tested = fingerprint()
    assert {"model numbers", "macro validate_vars", "variable minutes"} <= set(tested)
    (project / "models/models.yml").write_text(
        "models:\n  - name: numbers\n    columns:\n      - name: minutes\n        data_tests: [unique, not_null]\n"
    )
    (project / "tests/generic").mkdir(parents=True)
    (project / "tests/generic/odd.sql").write_text(
        "{% test odd(model, column_name) %}select * from {{ model }} where {{ column_name }} % 2 = 0{% endtest %}"
    )
    assert fingerprint() == tested
    (project / "models/numbers.sql").write_text("select {{ var('minutes') }} + 1 as minutes")
    assert fingerprint() != tested


def test_marts_that_are_gone_or_were_changed_by_hand_are_built_anew(built: Project) -> None:
    marts = built.settings.marts_build
    with duckdb.connect(str(marts)) as connection:
        connection.execute("INSERT INTO fct_calls VALUES (2)")
    assert plan(built).reason == f"{marts} was changed by something else than a build"
    marts.unlink()
    assert plan(built).reason == f"{marts} is gone"


def test_an_increment_that_did_not_end_is_gone_on_with(built: Project) -> None:
    write_sessions(built, "s2")
    built.land()
    increments.begin(built.settings, plan(built))
    publish.unseal(built.settings.marts_build)
    unfinished = plan(built)
    assert (unfinished.kind, unfinished.unfinished, unfinished.after_batch) == ("increment", True, 1)
    assert unfinished.reason == "the build before was not finished; new in web/sessions (1 file, 1 row)"
    write_sessions(built, "s3")
    built.land()
    increments.begin(built.settings, plan(built))
    latest = plan(built)
    assert (latest.unfinished, latest.after_batch, latest.through_batch, latest.rows) == (True, 1, 3, 2)
    pretend_build(built, latest)
    assert plan(built).kind == "nothing"


def test_a_full_build_that_did_not_end_is_made_again(built: Project) -> None:
    increments.begin(built.settings, plan(built, full=True))
    write_sessions(built, "s2")
    built.land()
    assert plan(built).reason == "the full build before was not finished"
    increments.begin(built.settings, replace(plan(built), kind="increment"))
    assert plan(built).kind == "full", "an increment on top of it changes nothing"


def test_a_build_whose_first_never_ended_is_whole(project: Project) -> None:
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    increments.begin(project.settings, plan(project))
    assert (plan(project).kind, plan(project).reason) == ("full", "no build was finished yet")


def test_the_books_are_written_whole_or_not_at_all(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    decided = plan(built, variables={"dedupe_calls": False})
    increments.begin(built.settings, decided)

    def fail(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(increments, "_stored_parts", fail)
        with pytest.raises(KeyboardInterrupt):
            increments.finish(built.settings, decided)
    assert plan(built).reason == "the full build before was not finished"
    increments.finish(built.settings, decided)
    assert plan(built, variables={"dedupe_calls": False}).kind == "nothing"


def test_a_full_disk_is_named_and_nothing_is_noted(built: Project) -> None:
    write_sessions(built, "s2")
    built.land()
    decided = plan(built)

    def begin(pipe: Any) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            increments.begin(built.settings, decided)
        except UserError as error:
            pipe.send(str(error))
        else:
            pipe.send("")

    ours, theirs = FORK.Pipe(duplex=False)
    child = FORK.Process(target=begin, args=(theirs,))
    child.start()
    message = ours.recv()
    child.join()
    assert str(built.settings.warehouse) in message
    assert "\n" not in message
    assert plan(built) == decided


def test_what_the_last_build_left_goes_when_the_next_is_noted(built: Project) -> None:
    """Else a build that dies before dbt has started would leave it to one that goes on, which would trust it."""
    left = ("intermediate.scope_records", "intermediate.arrived_tasks", "intermediate.int_opportunities__before")
    with landing.connect(built.settings.warehouse) as con:
        con.execute("CREATE SCHEMA intermediate")
        for table in (*left, "intermediate.int_opportunities__live", "landing.scope_of_a_stranger"):
            con.execute(f"CREATE TABLE {table} AS SELECT 1 AS x")
    write_sessions(built, "s2")
    built.land()

    def there() -> set[str]:
        found = built.query(
            "SELECT schema || '.' || name AS name FROM (SHOW ALL TABLES) WHERE name IN "
            "('scope_records', 'arrived_tasks', 'int_opportunities__before', 'int_opportunities__live',"
            " 'scope_of_a_stranger')"
        )
        return {row["name"] for row in found}

    decided = plan(built)
    increments.begin(built.settings, replace(decided, unfinished=True))
    assert there() >= set(left)
    increments.begin(built.settings, decided)
    assert there() == {"intermediate.int_opportunities__live", "landing.scope_of_a_stranger"}


# What dbt does with a plan.


def contents(project: Project) -> list[dict[str, Any]]:
    columns = "crm_task_id, verdict, session_id, seconds_to_nearest_session"
    return project.query(f"SELECT {columns} FROM fct_calls ORDER BY ALL") + project.query(
        "SELECT touchpoint_id, session_id, touchpoint_type, crm_task_id FROM fct_touchpoints ORDER BY ALL"
    )


def test_a_build_that_is_killed_loses_nothing_of_what_it_had_to_do(project: Project) -> None:
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    project.build(SELECT)
    # The Task leaves its session in the run that is killed; nothing that comes later says so.
    write_task(project, bizible2__BizibleId__c="f" * 32, SystemModstamp="2024-06-01T00:00:00.000Z")
    project.land()

    def build_until_killed() -> None:
        def kill(node: dbt.NodeResult) -> None:
            if node.name == "fct_calls":
                os.kill(os.getpid(), signal.SIGKILL)

        decided = increments.plan(project.settings, plain_manifest())
        options = {"target_dir": project.folder / "target", "select": SELECT, "exclude_types": ("test",)}
        increments.build(project.settings, decided, project._manifest, on_node=kill, **options)

    child = FORK.Process(target=build_until_killed)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert not publish.is_sealed(project.settings.marts_build)

    write_sessions(project, "s2")
    project.land()
    project.build(SELECT, increment=True)
    assert (project.plan.kind, project.plan.unfinished) == ("increment", True)
    assert increments.recomputed(project.settings).counts["cookies"] == 2
    went_on = contents(project)
    project.build(SELECT)
    assert went_on == contents(project)
    assert [row["verdict"] for row in went_on if "verdict" in row] == ["separate_unknown_bizible_id"]


def test_a_kept_table_that_is_gone_stops_an_increment(project: Project) -> None:
    """The rows of the scope alone would look like the whole table."""
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    project.build(SELECT)
    with duckdb.connect(str(project.settings.marts_build)) as con:
        con.execute("DROP TABLE fct_calls")
    publish.seal(project.settings.marts_build)
    write_task(project, SystemModstamp="2024-06-01T00:00:00.000Z", Type="Call")
    project.land()
    result = project.build(SELECT, increment=True, check=False)
    assert project.plan.kind == "increment"
    assert [node.name for node in result.failed] == ["fct_calls"]
    assert "build everything" in result.failed[0].message


def test_a_full_build_leaves_no_table_whose_model_is_gone(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    with duckdb.connect(str(project.settings.marts_build)) as con:
        con.execute("CREATE TABLE of_an_older_version AS SELECT 1 AS x")
    monkeypatch.setattr(dbt, "build", lambda *given, **options: dbt.BuildResult(()))
    monkeypatch.setattr(publish, "seal", lambda *given: None)
    project.build()
    assert not project.settings.marts_build.exists()


def test_a_build_with_a_failed_node_stays_unfinished(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    failed = dbt.NodeResult("test.x", "x", "test", "fail", 0.0, 1, "Got 1 result")
    monkeypatch.setattr(dbt, "build", lambda *given, **options: dbt.BuildResult((failed,)))
    project.build(check=False)
    assert plan(project).reason == "no build was finished yet"
    with pytest.raises(publish.PublishError):
        project.publish()


def test_what_was_recomputed_is_counted_where_it_is_known(project: Project) -> None:
    assert str(increments.recomputed(project.settings)) == "Recomputed: nothing."
    with landing.connect(project.settings.warehouse) as con:
        con.execute("CREATE SCHEMA intermediate")
        con.execute("CREATE TABLE intermediate.scope_cookies AS SELECT range::VARCHAR AS cookie_id FROM range(1200)")
        con.execute("CREATE TABLE intermediate.scope_records AS SELECT 'a' AS record_id")
    assert str(increments.recomputed(project.settings)) == "Recomputed: cookies 1,200, Leads and Contacts 1."
