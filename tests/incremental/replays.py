"""Replays of several landings and builds: the rows of each step, changed rules, interrupted builds.

After every step each mart has to equal that of a full refresh of the same warehouse.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.incremental.change_scenarios import SCENARIOS, arrivals_of, name_of_scenario
from tests.incremental.change_scenarios import STEPS as SCENARIO_STEPS
from tests.incremental.change_sequences import draw_change_sequences, together
from tests.incremental.full_refreshes import Difference, Observed, differences
from tests.oracle import Dataset
from tests.properties.datasets import pack, show
from tests.properties.test_marts_against_oracle import CRM_SEEDS, STAGE_SEEDS, as_csv

# Tables of every layer: if one of them fails, the work before it remains.
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
    {
        "attribution_mapping": "primary_contact_role",
        "call_tracking_objects": ["Task", "Event"],
        "session_timeout_minutes": 1,
        "call_session_window_minutes": 0,
    },
    {
        "session_source": "page_views",
        "repeated_referrer_starts_session": False,
        "session_channel_carryover": True,
        "call_time_subtracts_duration": True,
    },
    {"session_channel": "source", "dedupe_calls": False, "own_hosts": ["own.com"], "call_session_window_minutes": 1440},
]


# How the first build of a step is interrupted: a model fails, or it is killed after some seconds. Then more rows
# arrive, and the next build resumes.
Break = str | float


@dataclass(frozen=True)
class Plan:
    """The events of a replay, by step."""

    steps: int
    sessions_from: int = 0  # page views alone before; the scenarios begin here
    rates_from: int = 0
    rules: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)  # the variables from a step on
    stages_from: int | None = None  # seeds that name stages
    campaign_rules_from: int | None = None  # rules instead of the picklist
    breaks: Mapping[int, Break] = field(default_factory=dict)


# A step with other rules or the first rates is a full refresh anyway.
def short_plan(draw: random.Random) -> Plan:
    """One of few such plans, with events of every kind."""
    return Plan(
        steps=7,
        sessions_from=2,
        rates_from=4,
        rules={0: RULES[1] | {"repeated_referrer_starts_session": draw.random() < 0.5}, 6: RULES[0]},
        stages_from=0,
        campaign_rules_from=4,
        breaks={3: "int_calls__tasks", 5: "fct_buyer_touchpoints"},
    )


def draw_plan(draw: random.Random) -> Plan:
    """Any such plan."""
    steps = draw.randint(6, 9)
    return Plan(
        steps=steps,
        sessions_from=draw.randint(0, steps - SCENARIO_STEPS),
        rates_from=draw.randrange(steps),
        rules={0: draw.choice(RULES)}
        | {draw.randrange(1, steps): draw.choice(RULES) for _ in range(draw.randint(0, 1))},
        stages_from=draw.choice([None, 0, draw.randrange(steps)]),
        campaign_rules_from=draw.choice([None, draw.randrange(2, steps)]),
        breaks={
            step: draw.choice([draw.choice(BREAKING), draw.uniform(0.5, 8)])
            for step in range(1, steps)
            if draw.random() < 0.4
        },
    )


@dataclass(frozen=True)
class Step:
    """What happens before one incremental build."""

    arrivals: Dataset
    rules: Mapping[str, Any] | None  # the variables from now on
    seeds: Mapping[str, list[dict[str, str]]]
    interrupted_by: Break | None

    def __str__(self) -> str:
        events = [f"{sum(map(len, self.arrivals.files.values()))} rows"]
        events += [f"a build interrupted in {self.interrupted_by}"] if self.interrupted_by else []
        events += ["other rules"] if self.rules is not None or self.seeds else []
        return ", ".join(events)


@dataclass(frozen=True)
class Replay:
    """Change sequences of many datasets and all scenarios, side by side."""

    sequences: list[list[Dataset]]
    steps: list[Step]

    def arrived_rows(self, number: int, step: int) -> str:
        """All rows of one dataset up to a step."""
        lines = []
        for index in range(step + 1):
            if rows := show(self.sequences[number][index]):
                lines += [f" step {index}:", rows]
        return "\n".join(lines)


def draw_replay(seed: int, datasets: int, plan: Plan) -> Replay:
    holds = {"sessions_from": plan.sessions_from, "rates_from": plan.rates_from}
    sequences = draw_change_sequences(seed, datasets, plan.steps, with_currencies=True, with_stages=True, **holds)
    steps = []
    for step in range(plan.steps):
        directed = [arrivals_of(name, step - plan.sessions_from) for name in SCENARIOS]
        seeds = dict(STAGE_SEEDS) if step == plan.stages_from else {}
        if step == 0:
            seeds |= {name: rows for name, rows in CRM_SEEDS.items() if name != "campaign_rules"}
        if step == plan.campaign_rules_from:
            seeds |= CRM_SEEDS
        arrivals = pack([together(sequences, step), *directed])
        steps.append(Step(arrivals, plan.rules.get(step), seeds, plan.breaks.get(step)))
    return Replay(sequences, steps)


def run(project: Observed, replay: Replay) -> None:
    """Lands and builds step by step; the first step that differs fails."""
    variables: Mapping[str, Any] = {}
    for number, step in enumerate(replay.steps):
        variables = variables if step.rules is None else step.rules
        take(project, step, number, variables)
        found = differences(project.marts(), project.full_refresh())
        assert not found, report(found, replay, number)


def take(project: Observed, step: Step, number: int, variables: Mapping[str, Any]) -> None:
    if step.interrupted_by:
        arrive(project, step, number, share=slice(0, None, 2))
        if isinstance(step.interrupted_by, str):
            project.interrupt(step.interrupted_by, variables)
        else:
            project.kill(step.interrupted_by, variables)
    arrive(project, step, number)
    project.build_incrementally(variables)


def arrive(project: Observed, step: Step, number: int, share: slice = slice(None)) -> None:
    """Lands the step's files; files that have landed before change nothing."""
    for name, rows in step.seeds.items():
        project.write_seed(name, as_csv(rows))
    for path, rows in list(step.arrivals.files.items())[share]:
        table, file = path.rsplit("/", 1)
        name, kind = file.split(".", 1)
        project.write(table, rows, kind, f"{name}-{number}")
    project.land()


def report(found: list[Difference], replay: Replay, step: int) -> str:
    """The step, its scenarios and datasets, the differences, and all rows of the first dataset that differs."""
    datasets = sorted({number for difference in found for number in difference.datasets() if number is not None})
    scenarios = [name for name in map(name_of_scenario, datasets) if name]
    drawn = [number for number in datasets if not name_of_scenario(number)]
    # A fact that differs explains the reports and views over it.
    first = sorted(found, key=lambda difference: not difference.mart.startswith("fct_"))[:SHOWN]
    lines = [f"After step {step} ({replay.steps[step]}) {len(found)} marts differ from a full refresh."]
    lines += [f"Scenario: {name}" for name in scenarios]
    lines += [f"Datasets: {drawn}"] if drawn else []
    lines += [*map(str, first), "All: " + ", ".join(difference.mart for difference in found)]
    if drawn:
        lines += [f"Dataset {drawn[0]}:", replay.arrived_rows(drawn[0], step)]
    return "\n".join(lines)


SHOWN = 4
