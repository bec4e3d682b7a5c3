"""One writer at a time."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from orchestration.lib import lock
from orchestration.lib.errors import UserError
from orchestration.runtime.home import prepare

FORK = multiprocessing.get_context("fork")


def _hold(path: Path, ready, release) -> None:
    with lock.exclusive(path, "the first run"):
        ready.set()
        release.wait(30)


def test_the_second_says_for_whom_it_waits_and_then_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "folder" / ".warehouse.duckdb.lock"
    ready, release = FORK.Event(), FORK.Event()
    first = FORK.Process(target=_hold, args=(path, ready, release))
    first.start()
    assert ready.wait(30)
    assert lock.is_held(path)

    said: list[str] = []

    def on_wait(message: str) -> None:
        said.append(message)
        release.set()

    with lock.exclusive(path, "the second run", on_wait):
        assert lock.is_held(path)
    first.join()
    assert len(said) == 1
    assert f"the first run (process {first.pid}" in said[0]
    assert not lock.is_held(path)


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    ready, release = FORK.Event(), FORK.Event()
    holder = FORK.Process(target=_hold, args=(path, ready, release))
    holder.start()
    assert ready.wait(30)
    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    started = time.monotonic()
    with lock.exclusive(path, "the next run"):
        assert time.monotonic() - started < 5


def test_a_link_is_not_used_as_a_lock(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "lock").symlink_to(tmp_path / "precious")
    with pytest.raises(UserError, match="is a link"), lock.exclusive(tmp_path / "lock", "a run"):
        pass
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_path_below_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with (
        pytest.raises(UserError, match=r"/file/lock cannot be written: File exists\. Correct its path"),
        lock.exclusive(tmp_path / "file" / "lock", "a run"),
    ):
        pass


def test_nobody_holds_a_lock_that_was_never_taken(tmp_path: Path) -> None:
    assert not lock.is_held(tmp_path / "lock")


def test_the_first_runs_of_several_environments_make_dagsters_tables_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They can share its home. Two that made the tables at once both failed."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    made = tmp_path / "history" / "runs.db"
    ready, release = FORK.Event(), FORK.Event()
    first = FORK.Process(target=_hold, args=(tmp_path / ".lock", ready, release))
    second = FORK.Process(target=prepare)
    first.start()
    assert ready.wait(30)
    second.start()
    second.join(2)
    assert second.is_alive() and not made.exists()
    release.set()
    second.join(60)
    assert second.exitcode == 0 and made.exists()
    first.join()
