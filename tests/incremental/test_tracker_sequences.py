"""What web trackers export lands in pieces, in any order: an incremental build equals a full refresh.

test_incremental_builds.py covers Marketo Measure's tables. This covers how a tracker's rows become them: their keys,
and the cookies and addresses that connect them.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import FULL
from tests.golden.test_trackers import FIRST, TRACKERS, Event, task
from tests.incremental.full_refreshes import Observed, differences

pytestmark = pytest.mark.slow

# The others are computed from these, whatever the tracker.
MARTS = ["+fct_calls", "+fct_touchpoints", "+fct_person_touchpoints"]
STEPS = 3 if FULL else 2
VISITORS = 8
# RudderStack's tables are those of Segment.
COOKIES = {
    "snowplow": "5f0c7d2a-91b3-4c58-8a5e-2f6f0f8f1d{:02}",
    "segment": "5f0c7d2a-91b3-4c58-8a5e-2f6f0f8f1d{:02}",
    "ga4": "12345678{:02}.1700000000",
    "generic": "Visitor-{}",
}
PAGES = [event for event in FIRST if not event.is_anonymous]


def address(visitor: int) -> str:
    """The last visitor has the address of the first one."""
    return f"visitor{visitor % (VISITORS - 1)}@buoy.example"


def events_of(draw: random.Random, visitor: int) -> list[Event]:
    """Page views of two days, and mostly a form; no two events of all visitors at one time."""
    minutes = [draw.choice([0, 20, 45, 24 * 60]) + number for number in range(draw.randint(2, 6))]
    pages = [replace(draw.choice(PAGES), name="page", minutes=visitor * 10_000 + at) for at in sorted(set(minutes))]
    at = visitor * 10_000 + draw.choice([9, 60, 24 * 60 + 9])
    form = Event("form", at, "/demo", is_form=True, email=address(visitor))
    return pages + [form] * (draw.random() < 0.8)


def write_step(project: Observed, draw: random.Random, tracker: str, step: int, of_visitors: list[list[Event]]) -> None:
    """Some events of each visitor arrive, others again with corrections. The form is last: it connects what landed."""
    write, _ = TRACKERS[tracker]
    version = {"SystemModstamp": f"2025-01-0{step + 1}T00:00:00Z"}
    tasks, leads = [], []
    for visitor, events in enumerate(of_visitors):
        cookie = COOKIES[tracker].format(visitor)
        pages = [event for event in events if not event.is_form]
        arrived = pages[step::STEPS] + [event for event in events if event.is_form] * (step == STEPS - 1)
        if step and draw.random() < 0.3:
            arrived.append(replace(pages[0], page="/prices", referrer="https://www.bing.com/"))
        if arrived:
            write(project, arrived, cookie)
        if step == 0 or draw.random() < 0.4:
            at = draw.choice(events).minutes + draw.choice([0, 5, 29, 31, 200])
            tasks.append(task(visitor * 10 + draw.randint(0, 2), at, cookie) | version)
        if draw.random() < 0.5:
            lead = {"Id": f"00Q{visitor:012}", "Email": address(visitor), "CreatedDate": "2024-05-20T00:00:00Z"}
            leads.append(lead | {"bizible2__BizibleId__c": draw.choice(["", cookie])} | version)
    # Somebody is always affected.
    project.write("salesforce/Task", [*tasks, task(900 + step, step, COOKIES[tracker].format(step))])
    if leads:
        project.write("salesforce/Lead", leads)


@pytest.mark.parametrize("tracker", COOKIES)
def test_incremental_builds_equal_full_refreshes(tracker: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    # An example takes several builds: no shrinking.
    @settings(max_examples=10 if FULL else 1, phases=[Phase.generate], deadline=None)
    @given(seed=st.integers(0, 2**31))
    def hold(seed: int) -> None:
        replay(seed, tracker, tmp_path_factory.mktemp(tracker))

    hold()


def replay(seed: int, tracker: str, folder: Path) -> None:
    draw = random.Random(seed)
    project = Observed(folder)
    project.write_variables(web_tracker=tracker)
    of_visitors = [events_of(draw, visitor) for visitor in range(VISITORS)]
    for step in range(STEPS):
        write_step(project, draw, tracker, step, of_visitors)
        project.land()
        project.build_incrementally(select=MARTS)
        assert project.plan.kind == ("incremental" if step else "full")
        if step:
            found = differences(project.marts(), project.full_refresh())
            assert not found, "\n".join([f"Step {step}:", *map(str, found)])
