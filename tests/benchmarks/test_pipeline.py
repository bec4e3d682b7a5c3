"""The pipeline's benchmark runs, and its arithmetic is right."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.phases import Node, shares_of_time
from benchmarks.report import Table
from orchestration.lib.settings import PROJECT_DIR

pytestmark = pytest.mark.slow


def test_nodes_that_run_side_by_side_share_their_time() -> None:
    nodes = [Node("a", "model", 0, 10), Node("b", "test", 4, 6), Node("c", "test", 12, 13), Node("d", "model", 6, 7)]
    assert shares_of_time(nodes) == {"model": pytest.approx(9), "test": pytest.approx(2)}
    assert shares_of_time([]) == {}


def test_tables_are_read_as_text_too() -> None:
    table = Table("what", "seconds")
    table.add("landing", "1.25")
    assert str(table).splitlines() == ["| what    | seconds |", "|---------|--------:|", "| landing |    1.25 |"]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable, "-m", "benchmarks.pipeline",
            "--folder", str(folder / "work"), "--results", str(folder / "results"), *arguments,
        ],
        cwd=PROJECT_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_it_runs_and_reports_every_phase(tmp_path: Path) -> None:
    done = run(tmp_path, "--sessions", "2_000", "--memory", "1GB")
    assert done.returncode == 0, done.stderr
    report = (tmp_path / "results" / "pipeline-2000.md").read_text(encoding="utf-8")
    assert report in done.stdout
    full, day = report.split("## One day of 365")
    for phase in ("lower bound", "landing", "- models", "- tests", "publishing", "**landing to publishing**"):
        assert f"\n| {phase}" in full
    for phase in ("landing", "- models", "- tests of what changed", "copying", "a whole run through Dagster"):
        assert f"\n| {phase}" in day
    assert "Recomputed the components of all new rows: " in day
    assert not (tmp_path / "work").exists()


def test_a_memory_limit_that_is_none_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "--sessions", "2_000", "--memory", "much")
    assert done.returncode != 0
    assert "CALL_ATTRIBUTION_MEMORY_LIMIT is 'much'" in done.stderr
