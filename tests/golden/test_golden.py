"""The worked cases of rules R1 to R4, from files in a landing folder to the published file.

A scenario (scenarios/*.yml) says

case       the documented case that it restates; cases.md lists them all
title      what it shows
files      rows of files, by table of the landing folder
variables  the rules' variables, where they differ from the defaults
sheet      `organisation`: the rule sheet of that name here instead of the default one
expect     rows by table: all that come of the scenario's own ids, in order, with the columns that matter

Scenarios with the same variables, sheet and source of sessions share one landing folder and one build: their ids and
cookies differ, so what one expects cannot depend on another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import Project

HERE = Path(__file__).parent

Scenario = dict[str, Any]

# A scenario's own rows of a table: by the ids of its web files' rows, by the ids of its Tasks (15 characters).
WANTED = "with own as (select ?::varchar[] as ids, ?::varchar[] as tasks) "
QUERIES = {
    "fct_touchpoints": WANTED
    + """
        select fct_touchpoints.* from fct_touchpoints, own
        where list_contains(own.ids, session_id) or list_contains(own.tasks, left(crm_task_id, 15))
        order by touchpoint_date, touchpoint_id""",
    "fct_calls": WANTED
    + """
        select fct_calls.* from fct_calls, own
        where list_contains(own.tasks, left(crm_task_id, 15))
        order by crm_task_id""",
    "int_forms__placed": WANTED
    + """
        select forms.* from warehouse.intermediate.int_forms__placed as forms, own
        where list_contains(own.ids, form_id)
        order by submitted_at, form_id""",
}


@dataclass(frozen=True)
class World:
    """What scenarios that share a build have in common."""

    variables: tuple[tuple[str, Any], ...]
    sheet: str | None
    sessions_are_given: bool

    def __str__(self) -> str:
        parts = ["given sessions" if self.sessions_are_given else "page views", *([self.sheet] if self.sheet else [])]
        return ", ".join(parts + [f"{name}={value}" for name, value in self.variables])


def world_of(scenario: Scenario) -> World:
    return World(
        variables=tuple(sorted(scenario.get("variables", {}).items())),
        sheet=scenario.get("sheet"),
        sessions_are_given="web/sessions" in scenario["files"],
    )


@cache
def scenarios() -> tuple[Scenario, ...]:
    paths = sorted(HERE.glob("scenarios/*.yml"))
    return tuple(scenario for path in paths for scenario in yaml.safe_load(path.read_text(encoding="utf-8")))


def scenarios_of(world: World) -> list[Scenario]:
    return [scenario for scenario in scenarios() if world_of(scenario) == world]


def publish(world: World, project: Project) -> None:
    """Lands the files of all scenarios of a world, builds and publishes."""
    if world.sheet:
        project.write_seed("channel_rules", (HERE / f"{world.sheet}.csv").read_text(encoding="utf-8"))
    # The one table that a run cannot do without.
    project.write("salesforce/Task", [{"Id": "00T000000000999", "bizible2__BizibleId__c": ""}], name="000")
    for number, scenario in enumerate(scenarios_of(world), start=1):
        for table, rows in scenario["files"].items():
            project.write(table, rows, name=f"{number:03}-{scenario['case']}")
    project.land()
    project.build(select=["+fct_touchpoints", "+fct_calls"], variables=dict(world.variables))
    project.publish()


def comparable(value: Any) -> Any:
    """Numbers as exact decimals, so that 300 in a scenario is 300.000000 in a mart."""
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def differences(scenario: Scenario, project: Project) -> Iterator[str]:
    """What a scenario expects and does not find, row by row."""
    files = scenario["files"]
    ids = [row["ID"] for table, rows in files.items() if table.startswith("web/") for row in rows]
    tasks = [row["Id"][:15] for row in files.get("salesforce/Task", [])]
    for table, rows in scenario["expect"].items():
        # Intermediate tables are not published.
        query = project.query if table.startswith("int_") else project.query_published
        for wanted, found in zip_longest(rows, query(QUERIES[table], [ids, tasks])):
            shown = {name: found[name] for name in wanted or found} if found else None
            if shown != {name: comparable(value) for name, value in (wanted or {}).items()}:
                yield f"{scenario['case']}, {scenario['title']}: {table}\n  wanted {wanted}\n  found  {shown}"


@pytest.mark.parametrize("world", dict.fromkeys(map(world_of, scenarios())), ids=str)
def test_scenarios(world: World, project: Project) -> None:
    publish(world, project)
    found = [line for scenario in scenarios_of(world) for line in differences(scenario, project)]
    assert not found, "\n".join(found)


def test_every_documented_case_is_listed_as_it_is() -> None:
    """cases.md says `here` for the cases that have a scenario, and a reason for every other one."""
    listed = {}
    for line in (HERE / "cases.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith(("| Case", "| ---")):
            case, title, where = (cell.strip() for cell in line.strip("|").split("|"))
            assert case not in listed and title and where, line
            listed[case] = where
    assert {case for case, where in listed.items() if where == "here"} == {scenario["case"] for scenario in scenarios()}
