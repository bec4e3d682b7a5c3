"""Reduces a world that differs to the smallest one that still does.

python -m tests.properties.reduce 'as shipped' 17 42      (the case, the seed and the world that a test names)
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.oracle import World
from tests.properties.compare import KEYS, compare_core
from tests.properties.test_marts_against_oracle import CASES, MORE_CASES, Case
from tests.properties.worlds import draw_world, numbered, show, shrink


def failing(case: Case, worlds: list[World]) -> list[int]:
    """Which of the worlds the marts and the oracle do not agree on."""
    with tempfile.TemporaryDirectory() as folder:
        project = case.build(worlds, Path(folder), [f"+{mart}" for mart in KEYS])
        marts = {mart: project.query(f"select * from {mart}") for mart in KEYS}
    found = compare_core(case.answers(worlds), marts)
    return sorted({difference.world for difference in found if difference.world is not None})


def main(name: str, seed: str, number: str) -> None:
    case = (CASES | MORE_CASES)[name]
    world = draw_world(f"{seed}-{number}", **case.holds)
    smallest = shrink(world, lambda worlds: failing(case, worlds))
    print(show(numbered(smallest, 0)))


if __name__ == "__main__":
    main(*sys.argv[1:])
