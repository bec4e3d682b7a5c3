"""The queries of examples/ run on the published file and answer what they ask."""

from pathlib import Path

import duckdb
import pytest

from orchestration.lib.settings import PROJECT_DIR
from tests.harness import Project

EXAMPLES = sorted((PROJECT_DIR / "examples").glob("*.sql"))

# What the small dataset has nothing to say about.
EMPTY = {"12_late_calls"}


def test_there_is_a_dozen() -> None:
    assert len(EXAMPLES) >= 12


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_query_says_what_it_asks_and_answers_it(built: Project, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("-- ")
    assert "?" in text.splitlines()[0]
    with duckdb.connect(str(built.settings.marts), read_only=True) as connection:
        rows = connection.execute(text).fetchall()
    assert bool(rows) != (path.stem in EMPTY)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_answer_is_the_same_every_time(built: Project, path: Path) -> None:
    """Every order is total: a report that is sent every week must not shuffle."""
    answers = []
    for threads in (1, 4):
        with duckdb.connect(str(built.settings.marts), read_only=True, config={"threads": str(threads)}) as connection:
            answers.append(connection.execute(path.read_text(encoding="utf-8")).fetchall())
    assert answers[0] == answers[1]
