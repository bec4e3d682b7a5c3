"""Whatever arrives, changes, is deleted or breaks off: after an increment every mart equals the full rebuild's."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import FULL
from tests.increments.rebuilds import Observed
from tests.increments.sequences import SHORT, draw_plan, draw_sequence, run

WORLDS = 200 if FULL else 60


# An example is a score of builds: no shrinking.
@settings(max_examples=15 if FULL else 1, phases=[Phase.generate], deadline=None)
@given(seed=st.integers(0, 2**31))
def test_increments_equal_full_rebuilds(seed: int) -> None:
    plan = draw_plan(random.Random(seed)) if FULL else SHORT
    with tempfile.TemporaryDirectory() as folder:
        run(Observed(Path(folder)), draw_sequence(seed, WORLDS, plan))
