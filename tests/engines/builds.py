"""What is built on two engines and compared: golden scenarios, and generated datasets full of coincidences.

A build on another engine takes most of a minute, so the scenarios join the builds of the property tests: each one a
build in which its own variables and seeds are in force. What else is in force there does no harm, for here two engines
are compared and not the result with what the scenario expects; that is tests/golden's matter.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.engines import parity
from tests.golden import test_golden as golden
from tests.harness import Project
from tests.properties.test_marts_against_oracle import CASES, Case, as_csv

DATASETS = 40
SEED = 7


@dataclass
class Build:
    """What is landed together and built once on each engine."""

    case: Case
    variables: dict[str, Any] = field(default_factory=dict)
    seeds: dict[str, str] = field(default_factory=dict)
    scenarios: list[golden.Setup] = field(default_factory=list)

    def takes(self, setup: golden.Setup) -> bool:
        """Whether the setup's own variables and seeds can be in force here."""
        wanted: list[tuple[dict[str, Any], dict[str, Any]]] = [
            (self.variables, dict(setup.variables)),
            (self.seeds, golden.seeds_of(setup)),
        ]
        fits = all(there.get(name, value) == value for there, own in wanted for name, value in own.items())
        return fits and setup.has_source_sessions == self.has_source_sessions

    @property
    def has_source_sessions(self) -> bool:
        return self.case.holds.get("with_sessions", True)

    def add(self, setup: golden.Setup) -> None:
        self.scenarios.append(setup)
        self.variables |= dict(setup.variables)
        self.seeds |= golden.seeds_of(setup)

    def write(self, project: Project) -> None:
        self.case.write(self.case.datasets(SEED, DATASETS), project)
        for setup in self.scenarios:
            golden.write(setup, project)
        for name, text in self.seeds.items():
            project.write_seed(name, text)


@cache
def builds() -> dict[str, Build]:
    """The builds of the property tests, with every golden scenario in one of them."""
    found = {}
    for name, case in CASES.items():
        changed = {key: value for key, value in case.dbt_variables().items() if key in case.variables}
        seeds = {seed: as_csv(rows) for seed, rows in case.seeds.items()}
        found[name] = Build(case, changed, seeds)
    # Those that need nothing of their own come last and stay with the settings as shipped.
    setups = dict.fromkeys(map(golden.setup_of, golden.scenarios()))
    for setup in sorted(setups, key=lambda one: not (one.variables or one.seeds or one.sheet)):
        fitting = [build for build in found.values() if build.takes(setup)]
        plain = not (setup.variables or setup.seeds or setup.sheet)
        if not fitting:
            # Its settings contradict those of every property test: a build of its own, with the same drawn datasets.
            case = next(
                build.case for build in found.values() if build.has_source_sessions == setup.has_source_sessions
            )
            fitting = [found.setdefault(str(setup), Build(case, {}, {}))]
        fitting[0 if plain else -1].add(setup)
    return found


def land(name: str, project: Project) -> dict[str, Any]:
    """Writes and lands what is built together; the variables that it is built with."""
    build = builds()[name]
    build.write(project)
    if name == "as shipped":
        golden.write_tiny_middle_shares(project)
    project.land()
    return build.case.dbt_variables() | build.variables


def assert_equal(found: list[parity.MartParity]) -> None:
    """Every mart is equal, and those are filled that every dataset fills: an empty one proves nothing."""
    print(*found, sep="\n")
    assert not parity.report(found), parity.report(found)
    filled = {one.mart for one in found if one.rows[0]}
    assert filled >= {"fct_calls", "fct_touchpoints", "fct_person_touchpoints", "biz_sessions", "rpt_calls_by_channel"}
