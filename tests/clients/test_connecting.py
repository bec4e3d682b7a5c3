"""Every line of docs/connecting.md that runs without a desktop, on several versions of DuckDB (`make test-clients`)."""

import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.settings import PROJECT_DIR
from tests.clients.conftest import ENVIRONMENTS, environments

PAGE = (PROJECT_DIR / "docs" / "connecting.md").read_text(encoding="utf-8")
PUBLISHED = "data/published/marts.duckdb"
# Blocks that say how to share the file, or that need R, ODBC or a query of the reader's own.
ELSEWHERE = ("chgrp analysts", "DBI::dbConnect", "[Calls]", "sqlglot.transpile")
BLOCKS = [
    (language, text)
    for language, text in re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    if not any(mark in text for mark in ELSEWHERE)
]
EVERYTHING = """
import pathlib, sys, duckdb

path, *examples = sys.argv[1:]
with duckdb.connect(path, read_only=True) as marts:
    for (name,) in marts.execute("SELECT table_name FROM information_schema.tables").fetchall():
        marts.execute(f'SELECT * FROM "{name}"').fetchall()
    for example in examples:
        marts.execute(pathlib.Path(example).read_text(encoding="utf-8")).fetchall()
    [(task,)] = marts.execute("SELECT min(crm_task_id) FROM fct_calls").fetchall()
    print(len(marts.execute("FROM explain_call(?)", [task]).fetchall()))
"""


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCKS if name == language]


def output(command: list[str], cwd: Path, **options: Any) -> str:
    """What a command prints; it must not fail."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path, marts: Path) -> Path:
    """A folder in which the page's path leads to the published file."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "published").symlink_to(marts.parent)
    (tmp_path / "examples").symlink_to(PROJECT_DIR / "examples")
    return tmp_path


@pytest.fixture(params=environments())
def python(request: pytest.FixtureRequest) -> str:
    return str(ENVIRONMENTS / request.param / "bin" / "python")


def test_the_versions_are_those_that_the_page_promises() -> None:
    assert [version.rsplit(".", 1)[0] for version in environments()] == ["1.0", "1.4", "1.5", "2.0"]


def test_every_block_of_the_page_has_a_test() -> None:
    assert {language for language, _ in BLOCKS} == {"sh", "sql", "python", "js"}


@pytest.mark.parametrize("block", blocks("python"), ids=lambda text: text.split()[1])
def test_a_block_of_python(folder: Path, python: str, block: str) -> None:
    names = re.findall(r"^\s*(rows|\w+_frame|\w+_table) = ", block, re.MULTILINE)
    assert names
    counts = output([python, "-c", f"{block}\nprint(*(len(found) for found in ({', '.join(names)},)))"], folder).split()
    assert len(counts) == len(names) and len(set(counts)) == 1 and int(counts[0]) > 0


def test_attached_beside_other_data(folder: Path, python: str) -> None:
    [block] = blocks("sql")
    code = (
        f"import duckdb\ndb = duckdb.connect()\ndb.execute({block!r})\nprint(db.execute('FROM fct_calls').fetchall())"
    )
    assert "merged" in output([python, "-c", code], folder)


def test_every_table_example_and_explanation(folder: Path, python: str, marts: Path) -> None:
    examples = [str(path) for path in sorted((PROJECT_DIR / "examples").glob("*.sql"))]
    assert len(examples) >= 12
    assert int(output([python, "-c", EVERYTHING, str(marts), *examples], folder)) > 1


COMMANDS = [line for text in blocks("sh") for line in text.splitlines() if line.startswith("duckdb ")]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "version", [name for name in environments() if (ENVIRONMENTS / name / "bin" / "duckdb").exists()]
)
def test_the_command_line(folder: Path, version: str, command: str) -> None:
    """PyPI has it for some versions."""
    path = f"{ENVIRONMENTS / version / 'bin'}:{os.environ['PATH']}"
    found = output(["bash", "-c", command], folder, env={**os.environ, "PATH": path})
    assert len(found.splitlines()) > 4


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_node(folder: Path) -> None:
    [block] = blocks("js")
    (folder / "read.mjs").write_text(f"{block}\nconsole.log(rows.length, Object.keys(rows[0]).join());\n")
    (folder / "node_modules").symlink_to(ENVIRONMENTS / "node" / "node_modules")
    count, columns = output(["node", "read.mjs"], folder).split()
    assert int(count) > 0 and columns == "channel,calls"


def test_harlequin_shows_the_tables(folder: Path) -> None:
    [command] = [line for text in blocks("sh") for line in text.splitlines() if line.startswith("harlequin ")]
    line = [str(ENVIRONMENTS / "harlequin" / "bin" / "harlequin"), *shlex.split(command)[1:]]
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execve(line[0], line, {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"})
    shown, until = b"", time.monotonic() + 90
    while b"marts" not in shown and time.monotonic() < until:
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 65536)
    # Not asked to end: it would wait until somebody reads what it still writes.
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    assert b"marts" in shown and b"Error" not in shown
