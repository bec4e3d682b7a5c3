"""A build that starts in this process: what Dagster cannot record is reported in a user's words."""

import sqlite3
from pathlib import Path

import dagster as dg
import pytest

from orchestration import launch
from orchestration.lib.errors import UserError


def test_a_full_disk_of_dagsters_home_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> dg.DagsterInstance:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setattr(dg.DagsterInstance, "get", full)
    with pytest.raises(UserError, match=rf"to {tmp_path}: the disk is full\. Free space there"):
        launch.build()
