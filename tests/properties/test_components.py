"""The basis of incremental builds: no rule looks beyond a connected component.

Two datasets that share nothing give the same rows, whether they are built together or each on its own.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import FULL
from tests.harness import plain_manifest
from tests.incremental.full_refreshes import Rows, read_marts
from tests.properties.test_marts_against_oracle import CASES

pytestmark = pytest.mark.slow

DATASETS = 60 if FULL else 16
EXAMPLES = 5 if FULL else 1
# Stages, contact roles and carry-over at once; as shipped.
NAMES = ["as shipped", "stages, contact roles, carry-over"]

# Marts whose rows belong to one component; all others are sums over them.
STORED = {
    node["name"]
    for node in plain_manifest()["nodes"].values()
    if node["config"].get("materialized") == "by_component" and node["fqn"][1] == "marts"
}


@pytest.mark.parametrize("name", NAMES)
def test_datasets_that_share_nothing_do_not_affect_each_other(name: str) -> None:
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], deadline=None)
    @given(seed=st.integers(0, 2**31))
    def hold(seed: int) -> None:
        case = CASES[name]
        datasets = case.datasets(seed, DATASETS)
        parts = [datasets[: DATASETS // 2], datasets[DATASETS // 2 :]]
        models = [f"+{mart}" for mart in STORED]

        def built(number: int, datasets: list) -> dict[str, Rows]:
            with tempfile.TemporaryDirectory(prefix=f"part{number}") as folder:
                return read_marts(case.build(datasets, Path(folder), models).settings.marts_build)

        together = built(0, datasets)
        alone = [built(number, part) for number, part in enumerate(parts, start=1)]
        assert together.keys() >= STORED
        for mart in sorted(STORED):
            union: Counter[tuple] = Counter()
            for marts in alone:
                union += marts[mart].counts
            assert together[mart].counts == union, mart
        assert any(together[mart].counts for mart in STORED)

    hold()
