"""Sequences of increments: what arrives in each step, which rule changes, which build breaks off.

After every step each mart has to be what a full rebuild of the same warehouse makes of it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.increments.histories import draw_histories, together
from tests.increments.rebuilds import Difference, Observed, differences
from tests.increments.stories import STEPS as STORY_STEPS
from tests.increments.stories import STORIES, arrivals_of, name_of_story
from tests.oracle import World
from tests.properties.test_marts_against_oracle import STAGE_SEEDS, as_csv
from tests.properties.worlds import pack, show

# Tables of every layer: what was done before one of them stays done when it fails.
BREAKING = ["int_calls__provider_calls", "int_calls__tasks", "int_calls__duplicates"]
BREAKING += ["int_touchpoints__verdicts", "int_identity__cookies", "int_positions__opportunity_touches"]
BREAKING += ["fct_touchpoints", "fct_buyer_touchpoints", "rpt_revenue_by_channel"]

RULES: list[dict[str, Any]] = [
    {},
    {
        "call_session_window_anchor": "last_activity",
        "session_channel_carryover": True,
        "attribution_mapping": "contact_role",
        "blank_call_type_policy": "infer",
    },
    {"attribution_mapping": "primary_contact_role", "session_timeout_minutes": 1, "call_session_window_minutes": 0},
    {"session_source": "page_views", "session_channel_carryover": True, "call_time_subtracts_duration": True},
    {"session_channel": "source", "dedupe_calls": False, "own_hosts": ["own.com"], "call_session_window_minutes": 1440},
]


# How a first build of a step breaks off: in a model, or killed after some seconds. Then more arrives, and the next
# build makes up for it.
Break = str | float


@dataclass(frozen=True)
class Plan:
    """What a sequence holds, by step."""

    steps: int
    sessions_from: int = 0  # page views alone before; the stories begin here
    rates_from: int = 0
    rules: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)  # the variables from a step on
    stages_from: int | None = None  # seeds that name stages
    breaks: Mapping[int, Break] = field(default_factory=dict)


# The step in which rules change also holds what is true for everybody: it is a full build in any case.
SHORT = Plan(
    steps=7,
    sessions_from=2,
    rates_from=4,
    rules={0: RULES[1], 6: RULES[0]},
    stages_from=0,
    breaks={3: "int_calls__tasks", 5: "fct_buyer_touchpoints"},
)


def draw_plan(draw: random.Random) -> Plan:
    """Any such plan."""
    steps = draw.randint(6, 9)
    return Plan(
        steps=steps,
        sessions_from=draw.randint(0, steps - STORY_STEPS),
        rates_from=draw.randrange(steps),
        rules={0: draw.choice(RULES)}
        | {draw.randrange(1, steps): draw.choice(RULES) for _ in range(draw.randint(0, 1))},
        stages_from=draw.choice([None, 0, draw.randrange(steps)]),
        breaks={
            step: draw.choice([draw.choice(BREAKING), draw.uniform(0.5, 8)])
            for step in range(1, steps)
            if draw.random() < 0.4
        },
    )


@dataclass(frozen=True)
class Step:
    """What happens before one increment."""

    arrivals: World
    rules: Mapping[str, Any] | None  # the variables from now on
    seeds: Mapping[str, list[dict[str, str]]]
    breaks_off: Break | None

    def __str__(self) -> str:
        told = [f"{sum(map(len, self.arrivals.files.values()))} rows"]
        told += [f"a build broken off in {self.breaks_off}"] if self.breaks_off else []
        told += ["other rules"] if self.rules is not None or self.seeds else []
        return ", ".join(told)


@dataclass(frozen=True)
class Sequence:
    """Histories of many worlds and all stories, side by side."""

    histories: list[list[World]]
    steps: list[Step]

    def what_arrived(self, number: int, step: int) -> str:
        """All rows of one world up to a step."""
        lines = []
        for index in range(step + 1):
            if rows := show(self.histories[number][index]):
                lines += [f" step {index}:", rows]
        return "\n".join(lines)


def draw_sequence(seed: int, worlds: int, plan: Plan) -> Sequence:
    holds = {"sessions_from": plan.sessions_from, "rates_from": plan.rates_from}
    histories = draw_histories(seed, worlds, plan.steps, with_currencies=True, with_stages=True, **holds)
    steps = []
    for step in range(plan.steps):
        told = [arrivals_of(name, step - plan.sessions_from) for name in STORIES]
        seeds = STAGE_SEEDS if step == plan.stages_from else {}
        arrivals = pack([together(histories, step), *told])
        steps.append(Step(arrivals, plan.rules.get(step), seeds, plan.breaks.get(step)))
    return Sequence(histories, steps)


def run(project: Observed, sequence: Sequence) -> None:
    """Lands and builds step by step; the first step that differs fails."""
    variables: Mapping[str, Any] = {}
    for number, step in enumerate(sequence.steps):
        variables = variables if step.rules is None else step.rules
        take(project, step, number, variables)
        found = differences(project.marts(), project.rebuilt())
        assert not found, told(found, sequence, number)


def take(project: Observed, step: Step, number: int, variables: Mapping[str, Any]) -> None:
    if step.breaks_off:
        arrive(project, step, number, share=slice(0, None, 2))
        if isinstance(step.breaks_off, str):
            project.break_off(step.breaks_off, variables)
        else:
            project.kill(step.breaks_off, variables)
    arrive(project, step, number)
    project.increment(variables)


def arrive(project: Observed, step: Step, number: int, share: slice = slice(None)) -> None:
    """Lands the step's files; those that have landed already change nothing."""
    for name, rows in step.seeds.items():
        project.write_seed(name, as_csv(rows))
    for path, rows in list(step.arrivals.files.items())[share]:
        table, file = path.rsplit("/", 1)
        name, kind = file.split(".", 1)
        project.write(table, rows, kind, f"{name}-{number}")
    project.land()


def told(found: list[Difference], sequence: Sequence, step: int) -> str:
    """Which step, which stories and worlds, what differs, and all that arrived of the first world."""
    worlds = sorted({number for difference in found for number in difference.worlds() if number is not None})
    stories = [name for name in map(name_of_story, worlds) if name]
    drawn = [number for number in worlds if not name_of_story(number)]
    # A fact that differs explains the reports and views over it.
    first = sorted(found, key=lambda difference: not difference.mart.startswith("fct_"))[:SHOWN]
    lines = [f"After step {step} ({sequence.steps[step]}) {len(found)} marts differ from a full rebuild."]
    lines += [f"Story: {name}" for name in stories]
    lines += [f"Worlds: {drawn}"] if drawn else []
    lines += [*map(str, first), "All: " + ", ".join(difference.mart for difference in found)]
    if drawn:
        lines += [f"World {drawn[0]}:", sequence.what_arrived(drawn[0], step)]
    return "\n".join(lines)


SHOWN = 4
