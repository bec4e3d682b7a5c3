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

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import Project

HERE = Path(__file__).parent

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


def scenarios() -> Iterator[dict[str, Any]]:
    for path in sorted(HERE.glob("scenarios/*.yml")):
        yield from yaml.safe_load(path.read_text(encoding="utf-8"))


def world_of(scenario: dict[str, Any]) -> World:
    return World(
        variables=tuple(sorted(scenario.get("variables", {}).items())),
        sheet=scenario.get("sheet"),
        sessions_are_given="web/sessions" in scenario["files"],
    )


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Callable[[World], Project]:
    """The published marts of a world, built when the first of its scenarios asks."""

    @cache
    def publish(world: World) -> Project:
        project = Project(tmp_path_factory.mktemp("golden"))
        if world.sheet:
            project.write_seed("channel_rules", (HERE / f"{world.sheet}.csv").read_text(encoding="utf-8"))
        for number, scenario in enumerate(scenarios()):
            if world_of(scenario) == world:
                for table, rows in scenario["files"].items():
                    project.write(table, rows, name=f"{number:03}-{scenario['case']}")
        if not (project.settings.landing_dir / "salesforce").exists():
            # The one table that a run cannot do without.
            project.write("salesforce/Task", [{"Id": "00T000000000999", "bizible2__BizibleId__c": ""}])
        project.land()
        project.build(select=["+fct_touchpoints", "+fct_calls"], variables=dict(world.variables))
        project.publish()
        return project

    return publish


def comparable(value: Any) -> Any:
    """Numbers as exact decimals, so that 300 in a scenario is 300.000000 in a mart."""
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(
            scenario,
            id=f"{scenario['case']}: {scenario['title']}",
            marks=pytest.mark.xdist_group(f"golden {world_of(scenario)}"),
        )
        for scenario in scenarios()
    ],
)
def test_scenario(scenario: dict[str, Any], published: Callable[[World], Project]) -> None:
    project = published(world_of(scenario))
    files = scenario["files"]
    ids = [row["ID"] for table, rows in files.items() if table.startswith("web/") for row in rows]
    tasks = [row["Id"][:15] for row in files.get("salesforce/Task", [])]
    for table, rows in scenario["expect"].items():
        # Intermediate tables are not published.
        query = project.query if table.startswith("int_") else project.query_published
        found = query(QUERIES[table], [ids, tasks])
        wanted = [{name: comparable(value) for name, value in row.items()} for row in rows]
        # Each row is compared in the columns of its expectation; the number of rows counts too.
        columns = [list(row) for row in wanted]
        shown = [
            {name: row[name] for name in (columns[number] if number < len(columns) else row)}
            for number, row in enumerate(found)
        ]
        assert shown == wanted, table


def test_every_documented_case_is_listed_as_it_is() -> None:
    """cases.md says `here` for the cases that have a scenario, and a reason for every other one."""
    listed = {}
    for line in (HERE / "cases.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith(("| Case", "| ---")):
            case, title, where = (cell.strip() for cell in line.strip("|").split("|"))
            assert case not in listed and title and where, line
            listed[case] = where
    assert {case for case, where in listed.items() if where == "here"} == {scenario["case"] for scenario in scenarios()}
