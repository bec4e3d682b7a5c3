"""Reduces a dataset that differs to the smallest one that still does.

python -m tests.properties.reduce 'as shipped' 17 42      (the case, the seed and the dataset that a test names)
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.oracle import Dataset
from tests.properties.compare import KEYS, compare_core
from tests.properties.datasets import draw_dataset, numbered, show, shrink
from tests.properties.test_marts_against_oracle import CASES, MORE_CASES, Case


def failing(case: Case, datasets: list[Dataset]) -> list[int]:
    """Which of the datasets the marts and the oracle do not agree on."""
    with tempfile.TemporaryDirectory() as folder:
        project = case.build(datasets, Path(folder), [f"+{mart}" for mart in KEYS])
        marts = {mart: project.query(f"select * from {mart}") for mart in KEYS}
    found = compare_core(case.answers(datasets), marts)
    return sorted({difference.dataset for difference in found if difference.dataset is not None})


def main(name: str, seed: str, number: str) -> None:
    case = (CASES | MORE_CASES)[name]
    dataset = draw_dataset(f"{seed}-{number}", **case.holds)
    smallest = shrink(dataset, lambda datasets: failing(case, datasets))
    print(show(numbered(smallest, 0)))


if __name__ == "__main__":
    main(*sys.argv[1:])
