"""Runs as Dagster makes them: one writer at a time, and a failed audit publishes nothing."""

import multiprocessing
import os
import re
import subprocess
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration.lib.settings import PROJECT_DIR
from orchestration.runtime import errors
from tests.harness import Project

pytestmark = pytest.mark.slow

LAND_ONLY = """
import dagster as dg
from orchestration.definitions import defs
from orchestration.defs.landing.assets import landed_tables

with dg.DagsterInstance.get() as instance:
    result = defs.resolve_job_def("build").execute_in_process(
        instance=instance, asset_selection=list(landed_tables.keys), run_config={"loggers": {"console": {}}}
    )
"""


@pytest.fixture
def environment(project: Project, tmp_path: Path) -> dict[str, str]:
    """Everything in the test's folder, including Dagster's records."""
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_bytes((PROJECT_DIR / "orchestration" / "dagster.yaml").read_bytes())
    return {**os.environ, **project.settings.environment(), "DAGSTER_HOME": str(home)}


def write_sources(project: Project) -> None:
    cookie = "277d79d01678498fea067c9b631bf6df"
    project.write("web/sessions", [{"ID": "s1", "COOKIE_ID": cookie, "EVENT_DATE": "2024-05-01 10:00:00"}])
    task = {"Id": "00T000000000001", "CreatedDate": "2024-05-01T10:10:00.000Z", "bizible2__BizibleId__c": cookie}
    project.write("salesforce/Task", [task | {"Type": "Call"}])


def test_two_runs_that_start_together_write_one_after_the_other(
    project: Project, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sources(project)
    # The record is made before two processes want to make it at once.
    monkeypatch.setenv("DAGSTER_HOME", environment["DAGSTER_HOME"])
    dg.DagsterInstance.get().dispose()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", LAND_ONLY], env=environment, cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    outputs = [run.communicate(timeout=300)[0] for run in processes]
    assert [run.returncode for run in processes] == [0, 0], outputs

    with dg.DagsterInstance.get() as instance:
        first, second = sorted(span(instance, run.run_id) for run in instance.get_runs())
    assert first[1] <= second[0], "both wrote at once"
    landed = [output for output in outputs if "1 new file" in output]
    assert len(landed) == 1, "the second has nothing left to land"


def span(instance: dg.DagsterInstance, run_id: str) -> tuple[float, float]:
    """When the first step of a run began and its last one ended."""
    steps = instance.get_run_step_stats(run_id)
    return min(step.start_time or 0 for step in steps), max(step.end_time or 0 for step in steps)


def build(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    return run(environment, "build", *options)


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "orchestration", *arguments]
    # Whatever the umask is: what a run writes is private.
    return subprocess.run(
        command, env=environment, cwd=PROJECT_DIR, capture_output=True, text=True, timeout=600, umask=0
    )


def readable_by_others(folder: Path) -> list[str]:
    """The files below a folder that another user can read. Root can try that as another user."""
    for path in (folder, *folder.parents[:3]):
        path.chmod(0o755)
    if os.geteuid():
        return [str(path) for path in folder.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe(duplex=False)
    other = fork.Process(target=read_as_nobody, args=(folder, theirs))
    other.start()
    return ours.recv()


def read_as_nobody(folder: Path, pipe: Connection) -> None:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    found = []
    for parent, _, names in os.walk(folder):
        for path in (os.path.join(parent, name) for name in names):
            with suppress(OSError), open(path, "rb"):
                found.append(path)
    pipe.send(found)


def test_runs_one_after_the_other(
    project: Project, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sources(project)
    good = build(environment)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "Full refresh: this is the first build." in good.stdout
    assert project.query_published("SELECT verdict FROM fct_calls") == [{"verdict": "merged"}]
    version = os.readlink(project.settings.marts)
    (project.folder / "open").write_text("")
    (project.folder / "open").chmod(0o644)
    assert readable_by_others(project.folder) == [str(project.folder / "open")]

    # Nothing new: no dbt, no version, and what somebody moved away comes back.
    page = project.settings.marts.with_name("report.html")
    built_at, made_at = project.settings.marts_build.stat().st_mtime_ns, page.stat().st_mtime_ns
    idle = build(environment)
    assert idle.returncode == 0, idle.stdout + idle.stderr
    assert idle.stderr == ""
    assert [line.partition(" s  ")[2] for line in idle.stdout.splitlines()] == [
        "Landing, building, testing and publishing",
        "Nothing new in 23 tables (2 files known).",
        "Nothing to build: no new rows, and no rule, seed or variable changed.",
        f"{project.settings.marts} shows {version}.",
        "Done",
    ]
    assert (project.settings.marts_build.stat().st_mtime_ns, page.stat().st_mtime_ns) == (built_at, made_at)
    project.settings.marts.unlink()
    assert "Nothing to build" in build(environment).stdout
    version = os.readlink(project.settings.marts)
    assert project.query_published("SELECT verdict FROM fct_calls") == [{"verdict": "merged"}]

    # New rows: what they affect.
    project.write("salesforce/Task", [{"Id": "00T000000000002", "CreatedDate": "2024-05-02T10:00:00.000Z"}])
    updated = build(environment)
    assert updated.returncode == 0, updated.stdout + updated.stderr
    assert "Incremental build: 1 new row in salesforce/Task (1 file)." in updated.stdout
    assert "Recomputed the components of all new rows: " in updated.stdout
    assert project.query_published("SELECT count(*) AS calls FROM fct_calls") == [{"calls": 2}]
    assert os.readlink(project.settings.marts) != version
    version = os.readlink(project.settings.marts)

    # A failed audit publishes nothing, and the run is red.
    with duckdb.connect(str(project.settings.warehouse)) as connection:
        connection.execute('INSERT INTO raw_salesforce."Task" SELECT * FROM raw_salesforce."Task"')
    bad = build(environment, "--full")
    assert bad.returncode == 1
    assert "one_row_per_key" in bad.stderr
    assert "Traceback" not in bad.stderr + bad.stdout
    assert os.readlink(project.settings.marts) == version

    # Another version is published, and the page shows that one.
    assert "Full refresh: this is the first build" in run(environment, "versions").stdout
    assert f"marts version {version}" in page.read_text(encoding="utf-8")
    back = run(environment, "rollback")
    assert back.returncode == 0, back.stderr
    assert os.readlink(project.settings.marts) < version
    assert f"marts version {os.readlink(project.settings.marts)}" in page.read_text(encoding="utf-8")
    forward = run(environment, "rollback", "--to", version)
    assert forward.returncode == 0, forward.stderr
    assert os.readlink(project.settings.marts) == version
    assert f"marts version {version}" in page.read_text(encoding="utf-8")

    monkeypatch.setenv("DAGSTER_HOME", environment["DAGSTER_HOME"])
    with dg.DagsterInstance.get() as instance:
        states = [run.status for run in instance.get_runs()]
        [latest] = instance.fetch_materializations(dg.AssetKey(["web", "sessions"]), limit=1).records
        published = instance.fetch_materializations(dg.AssetKey("published_marts"), limit=10).records
    recorded = [record.asset_materialization for record in published]
    looked_only = [event is not None and "nothing_new" in event.metadata for event in recorded]
    assert looked_only == [False, True, True, False], "a run with nothing new keeps the marts fresh in Dagster"
    assert states == [dg.DagsterRunStatus.FAILURE, *4 * [dg.DagsterRunStatus.SUCCESS]]
    assert latest.asset_materialization is not None
    metadata = latest.asset_materialization.metadata
    assert {"rows_read", "landed", "superseded", "unchanged", "quarantined", "files"} <= set(metadata)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("KEEP_VERSIONS", "none", "KEEP_VERSIONS is 'none'. Allowed: a whole number"),
        ("CALL_ATTRIBUTION_MARTS", "staging.duckdb", "CALL_ATTRIBUTION_MARTS is"),
    ],
)
def test_a_wrong_setting_stops_at_once(environment: dict[str, str], name: str, value: str, message: str) -> None:
    stopped = build(environment | {name: value})
    assert stopped.returncode == 2
    assert message in stopped.stderr
    assert stopped.stdout == ""


def test_what_can_pass_is_tried_again_and_what_cannot_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []
    monkeypatch.setattr(errors, "wait_before", lambda retry: waits.append(retry) or 0)
    attempts: list[str] = []

    @dg.op
    def locked(context: dg.OpExecutionContext) -> None:
        attempts.append("locked")
        with errors.user_facing_errors(context):
            if len(attempts) < 3:
                raise duckdb.IOException("IO Error: Could not set lock on file")

    @dg.op(ins={"after": dg.In(dg.Nothing)})
    def broken(context: dg.OpExecutionContext) -> None:
        attempts.append("broken")
        with errors.user_facing_errors(context):
            raise PermissionError(13, "Permission denied")

    @dg.job
    def both() -> None:
        broken(locked())

    result = both.execute_in_process(raise_on_error=False)
    assert attempts == ["locked", "locked", "locked", "broken"]
    assert waits == [0, 1]
    [failure] = result.get_step_failure_events()
    assert failure.step_key == "broken"
    assert re.fullmatch(r"tests/orchestration/test_runs.py, line \d+: Permission denied\.", errors.failure_of(result))
