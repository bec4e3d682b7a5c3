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
from dbt.contracts.graph.manifest import Manifest

from orchestration.lib import build, engines, landing, publish
from orchestration.lib.build import dbt, execution, fingerprint, history
from orchestration.lib.build.components import Graph
from orchestration.lib.build.planning import NewRows, Plan
from orchestration.lib.errors import UserError
from orchestration.lib.landing import store
from orchestration.lib.settings import PROJECT_DIR
from tests.harness import Project, frozen_manifest, plain_manifest, settings_in, thaw
from tests.incremental.full_refreshes import Observed, set_sql
from tests.orchestration.test_dbt import DBT_PROJECT
from tests.orchestration.test_faults import FORK, SELECT

COOKIE = "277d79d01678498fea067c9b631bf6df"


def plan(project: Project, manifest: fingerprint.Manifest | None = None, **options: Any) -> Plan:
    return build.plan(project.settings, manifest or plain_manifest(), **options)


def pretend_build(project: Project, plan: Plan) -> None:
    """A finished build as far as the control tables go, without the seconds that dbt takes."""
    begin(project, plan)
    project.settings.marts_build.unlink(missing_ok=True)
    with duckdb.connect(str(project.settings.marts_build)) as connection:
        connection.execute("CREATE TABLE fct_calls AS SELECT 1 AS one")
    publish.mark_audited(project.settings.marts_build)
    finish(project, plan)


def graph(project: Project) -> Graph:
    return Graph(landing.read_sources(PROJECT_DIR), project.settings)


def begin(project: Project, plan: Plan) -> None:
    execution._begin(project.settings, plan, graph(project), is_whole=False)


def finish(project: Project, plan: Plan) -> None:
    execution._finish(project.settings, plan, graph(project))


def write_sessions(project: Project, *ids: str) -> None:
    rows = [{"ID": name, "COOKIE_ID": COOKIE, "EVENT_DATE": "2024-05-01 10:00:00"} for name in ids]
    project.write("web/sessions", rows)


def write_task(project: Project, **fields: Any) -> None:
    task = {
        "Id": "00T000000000001",
        "CreatedDate": "2024-05-01T10:10:00.000Z",
        "bizible2__BizibleId__c": COOKIE,
        "Type": "Call",
    }
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
    assert (first.kind, first.reason) == ("full", "this is the first build")
    assert (first.after_load, first.through_load) == (0, 1)
    assert first.new_rows == (NewRows("salesforce/Task", 1, 1), NewRows("web/sessions", 1, 1))


def test_nothing_new_is_nothing_to_build(built: Project) -> None:
    built.land()
    again = plan(built)
    assert again.kind == "nothing"
    assert str(again) == "Nothing to build: no new rows, and no rule, seed or variable changed."


def test_what_arrived_since_the_last_build_is_an_incremental_build(built: Project) -> None:
    write_sessions(built, "s2", "s3")
    built.land()
    write_sessions(built, "s4")
    built.land()
    planned = plan(built)
    assert planned.kind == "incremental"
    assert str(planned) == "Incremental build: 3 new rows in web/sessions (2 files)."
    assert planned.after_load == 1
    pretend_build(built, planned)
    assert plan(built).kind == "nothing"
    assert plan(built).after_load == 3


def test_a_file_of_known_rows_is_nothing_to_build(built: Project) -> None:
    write_sessions(built, "s1")
    [report] = [report for report in built.land() if report.files]
    assert report.total("unchanged") == 1
    assert plan(built).kind == "nothing"


def test_a_full_refresh_can_be_requested(built: Project) -> None:
    assert plan(built, full=True).reason == "you asked for it"


def changed(change: Callable[[dict[str, Any]], None]) -> fingerprint.Manifest:
    manifest = copy.deepcopy(dict(plain_manifest()))
    change(manifest)
    return manifest


def first_of(nodes: dict[str, Any], name: str) -> dict[str, Any]:
    found = [node for node in nodes.values() if node["name"] == name and node["resource_type"] != "test"]
    # web/sessions is declared a second time, to be read whole (source all_web).
    [node] = [node for node in found if not str(node.get("source_name")).startswith("all_")]
    return node


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
    built.settings = replace(built.settings, config_dir=built.folder)
    (built.folder / "variables.yml").write_text("dedupe_calls: false\n")
    assert plan(built).reason == "variable dedupe_calls is false, it was true"


def test_another_engine_is_named(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "version", lambda package: "0.1")
    assert plan(built).reason.startswith("dbt-core is 0.1, it was 1.")


def test_of_many_changes_some_are_named_and_the_others_counted() -> None:
    same = {fingerprint.PROJECT_VERSION: "1.0.0"}
    before = same | {"model a": "1", "model b": "1", "seed c": "1", "variable d": "1"}
    now = same | {"model a": "2", "model b": "2", "seed e": "1", "variable d": "2"}
    changes = "model a changed; model b changed; seed c was removed; and 2 more changes"
    assert fingerprint.changes(before, now) == changes


def test_a_warehouse_of_another_version_is_recognised() -> None:
    now = {fingerprint.PROJECT_VERSION: "1.0.0", "model a": "2"}
    assert fingerprint.changes({"model a": "1"}, now) == (
        "an earlier version of this project built the warehouse, this is version 1.0.0"
    )
    assert fingerprint.changes(now | {fingerprint.PROJECT_VERSION: "0.9.0"}, now) == (
        "version 0.9.0 of this project built the warehouse, this is version 1.0.0"
    )


def test_another_test_changes_no_result(tmp_path: Path) -> None:
    project = tmp_path / "dbt project"
    for name, text in DBT_PROJECT.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    settings = settings_in(tmp_path, project_dir=project)

    def parts() -> dict[str, str]:
        manifest = dbt.parse(settings).writable_manifest().to_dict(omit_none=False)
        return fingerprint.fingerprint(settings, manifest, {})

    tested = parts()
    assert {"model numbers", "macro validate_vars", "variable minutes"} <= set(tested)
    (project / "models/models.yml").write_text(
        "models:\n  - name: numbers\n    columns:\n      - name: minutes\n        data_tests: [unique, not_null]\n"
    )
    (project / "tests/generic").mkdir(parents=True)
    (project / "tests/generic/odd.sql").write_text(
        "{% test odd(model, column_name) %}select * from {{ model }} where {{ column_name }} % 2 = 0{% endtest %}"
    )
    assert parts() == tested
    (project / "models/numbers.sql").write_text("select {{ var('minutes') }} + 1 as minutes")
    assert parts() != tested


def test_marts_that_are_missing_or_were_modified_are_rebuilt(built: Project) -> None:
    marts = built.settings.marts_build
    with duckdb.connect(str(marts)) as connection:
        connection.execute("INSERT INTO fct_calls VALUES (2)")
    assert plan(built).reason == f"{marts} was modified outside a build"
    marts.unlink()
    assert plan(built).reason == f"{marts} is missing"


def test_an_interrupted_incremental_build_is_resumed(built: Project) -> None:
    write_sessions(built, "s2")
    built.land()
    begin(built, plan(built))
    interrupted = plan(built)
    assert (interrupted.kind, interrupted.after_load) == ("incremental", 1)
    assert interrupted.reason == "the last build did not finish; 1 new row in web/sessions (1 file)"
    write_sessions(built, "s3")
    built.land()
    begin(built, plan(built))
    latest = plan(built)
    assert (latest.after_load, latest.through_load, latest.rows) == (1, 3, 2)
    pretend_build(built, latest)
    assert plan(built).kind == "nothing"


def test_an_interrupted_full_refresh_is_repeated(built: Project) -> None:
    begin(built, plan(built, full=True))
    write_sessions(built, "s2")
    built.land()
    assert plan(built).reason == "the last full refresh did not finish"
    begin(built, replace(plan(built), kind="incremental"))
    assert plan(built).kind == "full", "an incremental build on top of it changes nothing"


def test_a_first_build_that_did_not_finish_is_repeated(project: Project) -> None:
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    begin(project, plan(project))
    assert (plan(project).kind, plan(project).reason) == ("full", "no build has finished yet")


def test_a_finish_is_recorded_whole_or_not_at_all(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    decided = plan(built, variables={"dedupe_calls": False})
    begin(built, decided)

    def fail(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(history, "read_fingerprint", fail)
        with pytest.raises(KeyboardInterrupt):
            finish(built, decided)
    assert plan(built).reason == "the last full refresh did not finish"
    publish.mark_audited(built.settings.marts_build)
    finish(built, decided)
    assert plan(built, variables={"dedupe_calls": False}).kind == "nothing"


def test_a_full_disk_is_named_and_nothing_is_recorded(built: Project) -> None:
    write_sessions(built, "s2")
    built.land()
    decided = plan(built)

    def begin_on_a_full_disk(pipe: Any) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            begin(built, decided)
        except UserError as error:
            pipe.send(str(error))
        else:
            pipe.send("")

    ours, theirs = FORK.Pipe(duplex=False)
    child = FORK.Process(target=begin_on_a_full_disk, args=(theirs,))
    child.start()
    message = ours.recv()
    child.join()
    assert str(built.settings.warehouse) in message
    assert "\n" not in message
    assert plan(built) == decided


def test_a_full_refresh_drops_what_an_earlier_version_built(built: Project) -> None:
    with landing.connect(built.settings.warehouse) as con:
        con.execute("CREATE SCHEMA intermediate")
        con.execute("CREATE TABLE intermediate.of_an_earlier_version AS SELECT 1 AS x")
    execution._begin(built.settings, plan(built, full=True), graph(built), is_whole=True)
    assert built.query("SELECT name FROM (SHOW ALL TABLES) WHERE name = 'of_an_earlier_version'") == []
    assert built.query("SELECT count(*) AS rows FROM warehouse.raw_web.sessions") == [{"rows": 1}]


# What dbt does with a plan.


def contents(project: Project) -> list[dict[str, Any]]:
    columns = "crm_task_id, verdict, session_id, seconds_to_nearest_session"
    return project.query(f"SELECT {columns} FROM fct_calls ORDER BY ALL") + project.query(
        "SELECT touchpoint_id, session_id, touchpoint_type, crm_task_id FROM fct_touchpoints ORDER BY ALL"
    )


@pytest.mark.slow
def test_a_build_that_is_killed_loses_nothing_of_what_it_had_to_do(project: Project) -> None:
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    project.build(SELECT)
    # The Task leaves its session in the run that is killed; no later row shows this.
    write_task(project, bizible2__BizibleId__c="f" * 32, SystemModstamp="2024-06-01T00:00:00.000Z")
    project.land()

    def build_until_killed() -> None:
        def kill(node: dbt.NodeResult) -> None:
            if node.name == "fct_calls":
                os.kill(os.getpid(), signal.SIGKILL)

        options = {"target_dir": project.folder / "target", "select": SELECT, "exclude_types": ("test",)}
        build.run(plan(project), engines.of(project.settings), parse=project._manifest, on_node=kill, **options)

    child = FORK.Process(target=build_until_killed)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert not publish.is_audited(project.settings.marts_build)

    write_sessions(project, "s2")
    project.land()
    project.build(SELECT, incremental=True)
    assert project.plan.kind == "incremental"
    assert project.plan.reason.startswith("the last build did not finish")
    assert project.outcome.recomputed["web/sessions"] == 2
    resumed = contents(project)
    project.build(SELECT)
    assert resumed == contents(project)
    assert [row["verdict"] for row in resumed if "verdict" in row] == ["separate_unknown_bizible_id"]


def test_a_missing_stored_mart_stops_an_incremental_build(project: Project) -> None:
    """The affected rows alone would look like the whole table."""
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    project.build(SELECT)
    with duckdb.connect(str(project.settings.marts_build)) as con:
        con.execute("DROP TABLE fct_calls")
    publish.mark_audited(project.settings.marts_build)
    write_task(project, SystemModstamp="2024-06-01T00:00:00.000Z", Type="Call")
    project.land()
    result = project.build(SELECT, incremental=True, check=False)
    assert project.plan.kind == "incremental"
    assert [node.name for node in result.failed] == ["fct_calls"]
    assert "make build FULL=1" in result.failed[0].message


@pytest.mark.slow
def test_models_that_run_out_of_memory_are_built_again_alone(tmp_path: Path) -> None:
    """With others beside it a model had too little; here the first try itself asks for more than there is."""
    project = Observed(tmp_path, memory_limit="300MB")
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    tries: list[object] = []

    def plant(manifest: Manifest) -> None:
        tries.append(manifest)
        if len(tries) == 1:
            set_sql(manifest, "int_calls__tasks", "select len(list(range)) as task_id from range(100_000_000)")

    project.plant = plant
    result = project.build(SELECT)
    assert len(tries) == 2
    assert len(result.nodes) == len({node.unique_id for node in result.nodes})
    assert project.query("select verdict from fct_calls") == [{"verdict": "merged"}]


def test_landing_and_dbt_leave_an_eighth_of_the_memory_to_their_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALL_ATTRIBUTION_MEMORY_LIMIT", "1GB")
    project = Observed(tmp_path, memory_limit="1GB")
    write_sessions(project, "s1")
    write_task(project)
    opened: list[Any] = []
    connect = store.connect
    monkeypatch.setattr(store, "connect", lambda *arguments: opened.append(arguments) or connect(*arguments))
    project.land()
    used = "SELECT current_setting('memory_limit')"
    with connect(*opened[0]) as con:
        [(of_landing,)] = con.execute(used).fetchall()
    project.plant = lambda manifest: set_sql(manifest, "int_calls__task_types", used)
    project.build(["int_calls__task_types"])
    with duckdb.connect(str(project.settings.warehouse)) as con:
        [(of_dbt,)] = con.execute("FROM intermediate.int_calls__task_types").fetchall()
    assert of_landing == of_dbt == "834.4 MiB"  # 875 MB


def test_a_full_refresh_leaves_no_table_of_a_removed_model(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    with duckdb.connect(str(project.settings.marts_build)) as con:
        con.execute("CREATE TABLE of_an_older_version AS SELECT 1 AS x")
    monkeypatch.setattr(dbt, "build", lambda *given, **options: dbt.BuildResult(()))
    monkeypatch.setattr(publish, "mark_audited", lambda *given: None)
    project.build()
    assert not project.settings.marts_build.exists()


def test_a_build_with_a_failed_node_stays_unfinished(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    failed = dbt.NodeResult("test.x", "x", "test", "fail", 0.0, 1, "Got 1 result")
    monkeypatch.setattr(dbt, "build", lambda *given, **options: dbt.BuildResult((failed,)))
    project.build(check=False)
    assert plan(project).reason == "no build has finished yet"
    with pytest.raises(publish.PublishError):
        project.publish()


def test_an_incremental_build_leaves_out_the_models_of_features_without_rows(project: Project) -> None:
    def left_out() -> set[str]:
        manifest = thaw(frozen_manifest())
        execution._leave_unused(project.settings, manifest, graph(project))
        return {node.name for node in manifest.nodes.values() if node.config.materialized == execution.UNUSED}

    costs = {"int_costs__entries", "int_costs__spend", "int_costs__days", "fct_costs", "rpt_spend_problems"}
    touches = {"int_crm_touches__members", "int_crm_touches__touches", "fct_activities", "fct_campaign_members"}
    write_sessions(project, "s1")
    write_task(project)
    project.land()
    assert costs | touches <= left_out()

    project.write("spend/marketing_spend", [{"Channel": "Social", "Month": "2024-05", "Cost": "10"}])
    project.land()
    assert not costs & left_out()
    assert touches <= left_out()

    project.write("salesforce/Campaign", [{"Id": "701000000000001", "Name": "Fair"}])
    project.land()
    assert not (costs | touches) & left_out()


def test_what_was_recomputed_is_counted(built: Project) -> None:
    """Whole components: the call and the session of the new session's cookie, and not those of another cookie."""
    built.write("web/sessions", [{"ID": "other", "COOKIE_ID": "f" * 32, "EVENT_DATE": "2024-05-01 10:00:00"}])
    built.land()
    pretend_build(built, plan(built))
    write_sessions(built, "s2")
    built.land()
    with landing.connect(built.settings.warehouse) as con:
        affected = graph(built).offer_affected(con, plan(built).after_load)
    assert {table: rows for table, rows in affected.items() if rows} == {"web/sessions": 2, "salesforce/Task": 1}
    outcome = execution.Outcome(plan(built), dbt.BuildResult(()), affected)
    rows = "1 row of salesforce/Task, 2 rows of web/sessions"
    assert str(outcome) == f"Recomputed the components of all new rows: {rows}."
