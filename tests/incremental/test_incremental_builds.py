"""After every landing, edit, deletion and interrupted build, an incremental build equals a full refresh."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import FULL
from tests.incremental.full_refreshes import Observed
from tests.incremental.replays import draw_plan, draw_replay, run, short_plan

pytestmark = pytest.mark.slow

DATASETS = 200 if FULL else 60


# An example takes about twenty builds: no shrinking.
@settings(max_examples=15 if FULL else 1, phases=[Phase.generate], deadline=None)
@given(seed=st.integers(0, 2**31))
def test_incremental_builds_equal_full_refreshes(seed: int) -> None:
    plan = (draw_plan if FULL else short_plan)(random.Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        run(Observed(Path(folder)), draw_replay(seed, DATASETS, plan))
