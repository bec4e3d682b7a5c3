"""Faults: killed in any stage, no room, no rights. Readers see whole versions, and the next run completes."""

import multiprocessing
import os
import random
import resource
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib import build, engines, landing, lock, publish
from orchestration.lib.errors import UserError
from orchestration.lib.settings import PROJECT_DIR, Settings
from tests.harness import Project, frozen_manifest, plain_manifest, thaw
from tests.incremental.full_refreshes import differences, read_marts

pytestmark = pytest.mark.slow

# A fork has everything imported and the manifest parsed: a run costs what its work costs.
FORK = multiprocessing.get_context("fork")
SELECT = ["+fct_calls", "+fct_touchpoints"]
STAGES = ("landing", "build", "audit", "publish")
CALLS_A_BATCH = 3
LAST_STEP = {"landing": 4, "build": 40, "audit": 10, "publish": 1}


def run_stages(settings: Settings, say: Callable[[str], None]) -> None:
    """What a run does, one stage after the other, printing each step before it is done."""
    sources = landing.read_sources(PROJECT_DIR)
    with lock.exclusive(settings.writer_lock, "a run"):
        say("landing")
        landing.land_all(settings, sources, lambda line: say("landing"))
        plan = build.plan(settings, plain_manifest())
        if plan.kind != "nothing":
            outcome = build.run(
                plan,
                engines.of(settings),
                parse=lambda: thaw(frozen_manifest()),
                target_dir=settings.warehouse.parent / "target",
                select=SELECT,
                on_node=lambda node: say("audit" if node.resource_type == "test" else "build"),
            )
            outcome.result.require_success()
        say("publish")
        if not publish.published_version(settings.marts_build, settings.marts):
            publish.publish(settings.marts_build, settings.marts, settings.keep_versions)


def child(settings: Settings, pipe: Connection, mishap: Callable[[str], None]) -> None:
    """A run in its own process, with a fault at a step. Returns the output that a user would read."""

    def say(step: str) -> None:
        mishap(step)
        pipe.send(step)

    try:
        run_stages(settings, say)
    except UserError as error:
        pipe.send(UserError(f"{type(error).__name__}: {error}"))
    except Exception as error:
        pipe.send(RuntimeError(f"{type(error).__name__}: {error}"))


class Run:
    """A run that can be killed."""

    def __init__(self, settings: Settings, mishap: Callable[[str], None] = lambda step: None) -> None:
        self._pipe, theirs = FORK.Pipe(duplex=False)
        self.process = FORK.Process(target=child, args=(settings, theirs, mishap))
        self.process.start()
        theirs.close()

    def steps(self) -> Iterator[Any]:
        while True:
            try:
                yield self._pipe.recv()
            except (EOFError, ConnectionResetError):
                self.process.join()
                return

    def kill_at(self, stage: str, step: int, delay: float) -> bool:
        """Kills the run at the n-th step of a stage or at its last; false if it was done before."""
        seen = 0
        for said in self.steps():
            seen += said == stage
            if seen == step or (seen and said != stage):
                time.sleep(delay)
                break
        os.kill(self.process.pid or 0, signal.SIGKILL) if self.process.is_alive() else None
        self.process.join()
        return self.process.exitcode == -signal.SIGKILL

    def finish(self) -> Exception | None:
        """Lets the run end; the error it ended with."""
        errors = [said for said in self.steps() if isinstance(said, Exception)]
        return errors[0] if errors else None


def write_batch(project: Project, number: int) -> None:
    """Sessions with one call each, ten minutes later: every call makes one touchpoint."""
    names = [f"{number:06}{position:06}" for position in range(CALLS_A_BATCH)]
    cookies = [f"{name:0>32}" for name in names]
    sessions = [
        {"ID": f"s{name}", "COOKIE_ID": cookie, "EVENT_DATE": "2024-05-01 10:00:00"}
        for name, cookie in zip(names, cookies, strict=True)
    ]
    tasks = [
        {
            "Id": f"00T{name}",
            "CreatedDate": "2024-05-01T10:10:00.000Z",
            "bizible2__BizibleId__c": cookie,
            "Type": "Call",
        }
        for name, cookie in zip(names, cookies, strict=True)
    ]
    project.write("web/sessions", sessions, name=f"batch-{number:04}")
    project.write("salesforce/Task", tasks, name=f"batch-{number:04}")


COUNTS = """
SELECT
    (SELECT count(*) FROM fct_calls),
    (SELECT count(*) FROM fct_calls WHERE verdict = 'merged'),
    (SELECT count(*) FROM fct_touchpoints),
    (SELECT count(crm_task_id) FROM fct_touchpoints)
"""


def published(marts: Path) -> tuple[int, ...]:
    with duckdb.connect(str(marts), read_only=True) as connection:
        [counts] = connection.execute(COUNTS).fetchall()
    return counts


def read_until(stop: Any, marts: Path, pipe: Connection) -> None:
    """An analyst who opens the published file repeatedly and reports what it contained, or the error."""
    seen: list[tuple[int, ...]] = []
    try:
        while not stop.is_set():
            counts = published(marts)
            if not seen or counts != seen[-1]:
                seen.append(counts)
            time.sleep(0.02)
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {error}")
    else:
        pipe.send(seen)


@pytest.mark.parametrize("stage", STAGES)
def test_a_kill_harms_no_reader_and_the_next_run_completes(project: Project, full_tests: bool, stage: str) -> None:
    chance = random.Random(stage)
    plain_manifest()
    write_batch(project, 0)
    assert Run(project.settings).finish() is None

    stop = FORK.Event()
    ours, theirs = FORK.Pipe(duplex=False)
    reader = FORK.Process(target=read_until, args=(stop, project.settings.marts, theirs))
    reader.start()
    theirs.close()

    kills = 0
    rounds, kills_a_round = (15, 5) if full_tests else (1, 2)
    for number in range(1, rounds + 1):
        write_batch(project, number)
        for _ in range(kills_a_round):
            run = Run(project.settings)
            kills += run.kill_at(stage, chance.randint(1, LAST_STEP[stage]), chance.uniform(0, 0.03))
        assert Run(project.settings).finish() is None
        calls = (number + 1) * CALLS_A_BATCH
        assert published(project.settings.marts) == (calls,) * 4, "something was lost or doubled"
    stop.set()
    seen = ours.recv()
    reader.join()

    assert kills >= rounds, "every run was done before it was killed"
    assert isinstance(seen, list), f"a reader failed: {seen}"
    assert all(len(set(counts)) == 1 for counts in seen), f"a mixture of two versions: {seen}"
    assert seen == sorted(seen)
    rows = project.query(
        "SELECT (SELECT count(*) FROM warehouse.raw_web.sessions) AS sessions,"
        ' (SELECT count(*) FROM warehouse.raw_salesforce."Task") AS tasks'
    )
    assert rows == [{"sessions": calls, "tasks": calls}]
    left = [path.name for path in project.settings.marts.parent.iterdir() if path.name.endswith((".part", ".link"))]
    assert left == []
    assert_equals_a_clean_build(project)


def assert_equals_a_clean_build(project: Project) -> None:
    """Every published table, row by row and in every column: none depends on when or how often it was built."""
    clean = Project(project.folder / "clean")
    shutil.copytree(project.settings.landing_dir, clean.settings.landing_dir)
    assert Run(clean.settings).finish() is None
    built, wanted = read_marts(project.settings.marts), read_marts(clean.settings.marts)
    assert {"fct_calls", "fct_touchpoints"} <= wanted.keys()
    assert "\n".join(map(str, differences(built, wanted))) == ""
    # The comparison sees a single row that is missing from one table.
    planted = project.folder / "planted.duckdb"
    shutil.copy(project.settings.marts, planted)
    planted.chmod(0o600)
    with duckdb.connect(str(planted)) as connection:
        connection.execute(
            "DELETE FROM fct_touchpoints WHERE touchpoint_id = (SELECT min(touchpoint_id) FROM fct_touchpoints)"
        )
    [difference] = differences(read_marts(planted), wanted)
    assert (difference.mart, len(difference.only_full_refresh)) == ("fct_touchpoints", 1)


@pytest.mark.parametrize("stage", ["landing", "build", "publish"])
def test_a_full_disk_is_named_and_the_old_version_stays(project: Project, stage: str) -> None:
    """A limit on file size simulates a full disk: from one stage on, nothing can be written."""
    plain_manifest()
    write_batch(project, 0)
    assert Run(project.settings).finish() is None
    write_batch(project, 1)

    def fill_disk(step: str) -> None:
        if step == stage:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    error = Run(project.settings, fill_disk).finish()
    assert isinstance(error, UserError), error
    assert published(project.settings.marts) == (CALLS_A_BATCH,) * 4

    assert Run(project.settings).finish() is None
    assert published(project.settings.marts) == (2 * CALLS_A_BATCH,) * 4


def test_a_folder_without_rights_is_named_and_the_old_version_stays(project: Project) -> None:
    plain_manifest()
    write_batch(project, 0)
    assert Run(project.settings).finish() is None
    write_batch(project, 1)
    folder = project.settings.marts.parent
    for path in (project.folder, *project.folder.parents[:3]):
        path.chmod(0o755)
    project.folder.chmod(0o777)
    folder.chmod(0o555)

    def lose_rights(step: str) -> None:
        # Root can write anywhere, so the run continues as user nobody, who can use everything but the folder.
        if step == "publish" and os.geteuid() == 0:
            for path in (*project.folder.glob("*warehouse*"), *project.folder.rglob(".*.lock")):
                path.chmod(0o666)
            os.setuid(65534)

    error = Run(project.settings, lose_rights).finish()
    assert isinstance(error, UserError), error
    assert f"PublishError: {folder} cannot be written" in str(error)
    assert published(project.settings.marts) == (CALLS_A_BATCH,) * 4

    folder.chmod(0o755)
    assert Run(project.settings).finish() is None
    assert published(project.settings.marts) == (2 * CALLS_A_BATCH,) * 4
