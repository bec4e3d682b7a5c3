"""Dagster's home contains personal data in names and errors: it is for this user only, however Dagster is started."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestration.lib.errors import UserError
from orchestration.lib.settings import PROJECT_DIR
from orchestration.runtime import home
from tests.harness import Project


def open_to_others(folder: Path) -> list[str]:
    """The folder and everything below it on which others have any right."""
    return [
        f"{path} {stat.S_IMODE(mode):o}"
        for path in (folder, *folder.rglob("*"))
        if (mode := path.stat().st_mode) & 0o077
    ]


def open_home(folder: Path) -> Path:
    """A home that the user made with the usual umask, with a record of an earlier run and a file of the user's own."""
    runs = folder / "dagster" / "history" / "runs"
    runs.mkdir(parents=True)
    for path in (runs / "earlier.db", folder / "dagster" / "notes.txt"):
        path.write_text("")
        path.chmod(0o644)
    for path in (runs, runs.parent, folder / "dagster"):
        path.chmod(0o755)
    return folder / "dagster"


def test_a_home_of_the_users_own_is_closed_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = open_home(tmp_path)
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "link"))
    home.prepare()
    assert (folder / "dagster.yaml").read_bytes() == home.CONFIGURATION.read_bytes()
    # What is not Dagster's keeps its mode: behind the folder's own, nobody reaches it.
    assert open_to_others(folder) == [f"{folder / 'notes.txt'} 644"]


def test_the_users_own_configuration_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = open_home(tmp_path)
    (folder / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    home.prepare()
    assert (folder / "dagster.yaml").read_text() == "telemetry: {enabled: false}\n"


def test_a_home_that_others_can_change_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared, others = tmp_path / "shared", tmp_path / "others"
    for folder in (shared, others):
        folder.mkdir()
    shared.chmod(0o1777)
    monkeypatch.setenv("DAGSTER_HOME", str(shared))
    with pytest.raises(UserError, match="a folder that users share"):
        home.prepare()
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    monkeypatch.setenv("DAGSTER_HOME", str(others))
    monkeypatch.setattr(os, "geteuid", lambda: others.stat().st_uid + 1)
    monkeypatch.setattr(home, "ROOT", -1)
    with pytest.raises(UserError, match="belongs to another user"):
        home.prepare()


def test_what_links_lead_to_keeps_its_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, elsewhere = open_home(tmp_path), tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("")
    for path, mode in ((elsewhere / "file", 0o644), (elsewhere, 0o755)):
        path.chmod(mode)
    (folder / "logs").symlink_to(elsewhere)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    home.prepare()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (elsewhere, elsewhere / "file")] == [0o755, 0o644]


@pytest.mark.slow
def test_whatever_the_daemon_writes_is_private(tmp_path: Path) -> None:
    folder, log = open_home(tmp_path), tmp_path / "log"
    (folder / "notes.txt").unlink()
    project = Project(tmp_path / "data")
    # One table without the others: the run fails soon, and writes what every run writes.
    project.write("web/sessions", [{"ID": "s1", "COOKIE_ID": "c", "EVENT_DATE": "2024-05-01 10:00:00"}])
    for path in (tmp_path / "data").rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    environment = {**os.environ, **project.settings.environment(), "DAGSTER_HOME": str(folder)}
    with open(log, "wb") as output:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "orchestration", "daemon"],
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": str(PROJECT_DIR)},
            umask=0o022,
            start_new_session=True,
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + 180
        # The log of a run's step, whose process the daemon starts when the sensor sees the file.
        while not list((folder / "storage").rglob("*.complete")):
            assert daemon.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.5)
    finally:
        os.killpg(daemon.pid, signal.SIGTERM)
        daemon.wait(60)
    assert open_to_others(folder) == []
    assert open_to_others(tmp_path / "data") == []
