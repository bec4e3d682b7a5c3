"""Every mart built on Spark equals DuckDB's, row for row: golden scenarios, and random worlds full of coincidences.

A build on Spark takes most of a minute, so the scenarios join the builds of the property tests: each one a build in
which its own variables and seeds are in force. What else is in force there does no harm, for here two engines are
compared and not the result with what the scenario expects; that is tests/golden's matter.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib import dbt
from orchestration.lib.spark import marts, session
from tests.golden import test_golden as golden
from tests.harness import Project, frozen_manifest
from tests.properties.test_marts_against_oracle import CASES, Case, as_csv
from tests.spark import parity

WORLDS = 40
SEED = 7


@dataclass
class Build:
    """What is landed together and built once on each engine."""

    case: Case
    variables: dict[str, Any] = field(default_factory=dict)
    seeds: dict[str, str] = field(default_factory=dict)
    scenarios: list[golden.World] = field(default_factory=list)

    def takes(self, world: golden.World) -> bool:
        """Whether the world's own variables and seeds can be in force here."""
        wanted: list[tuple[dict[str, Any], dict[str, Any]]] = [
            (self.variables, dict(world.variables)),
            (self.seeds, golden.seeds_of(world)),
        ]
        fits = all(there.get(name, value) == value for there, own in wanted for name, value in own.items())
        return fits and world.sessions_are_given == self.case.holds.get("with_sessions", True)

    def add(self, world: golden.World) -> None:
        self.scenarios.append(world)
        self.variables |= dict(world.variables)
        self.seeds |= golden.seeds_of(world)

    def write(self, project: Project) -> None:
        self.case.write(self.case.worlds(SEED, WORLDS), project)
        for world in self.scenarios:
            golden.write(world, project)
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
    worlds = dict.fromkeys(map(golden.world_of, golden.scenarios()))
    for world in sorted(worlds, key=lambda one: not (one.variables or one.seeds or one.sheet)):
        fitting = [build for build in found.values() if build.takes(world)]
        plain = not (world.variables or world.seeds or world.sheet)
        fitting[0 if plain else -1].add(world)
    return found


@pytest.mark.parametrize("name", CASES)
def test_every_mart_equals_duckdbs(name: str, project: Project) -> None:
    build = builds()[name]
    build.write(project)
    if name == "as shipped":
        golden.write_tiny_middle_shares(project)
    project.land()
    variables = build.case.dbt_variables() | build.variables
    project.build(variables=variables)
    spark = project.on("spark")
    spark.build(variables=variables)
    found = compared(project, spark)
    print(*found, sep="\n")
    assert not parity.report(found), parity.report(found)
    # An empty mart proves nothing; these are filled in every world.
    filled = {one.mart for one in found if one.rows[0]}
    assert filled >= {"fct_calls", "fct_touchpoints", "fct_person_touchpoints", "biz_sessions", "rpt_calls_by_channel"}


def compared(project: Project, spark: Project) -> list[parity.MartParity]:
    names = marts.marts_of(dbt.thaw(frozen_manifest("spark")))
    folder = spark.settings.parquet_build
    assert folder
    marts.write_parquet(session.start(spark.settings), names, folder)
    return parity.compare(project.settings.marts_build, folder, list(names))


def test_every_golden_scenario_is_in_one_build() -> None:
    placed = [world for build in builds().values() for world in build.scenarios]
    assert sorted(map(str, placed)) == sorted(map(str, dict.fromkeys(map(golden.world_of, golden.scenarios()))))


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        ("select * from sound", ""),
        ("select id, (amount + 0.01)::decimal(18, 2) as amount, moment, share, note from sound", "only Spark"),
        ("select id, amount, moment + interval 1 microsecond as moment, share, note from sound", "only Spark"),
        ("select id, amount, moment, nextafter(share, 1) as share, note from sound", "only Spark"),
        ("select id, amount, moment, share, coalesce(note, '') as note from sound", "only Spark"),
        ("select id, amount::decimal(18, 3) as amount, moment, share, note from sound", "columns, unlike"),
        ("select id, moment, amount, share, note from sound", "columns, unlike"),
        ("select * from sound union all select * from sound where id = 'b'", "2 and 3 rows"),
        ("select * from sound where id = 'a'", "2 and 1 rows"),
    ],
)
def test_a_planted_difference_is_found(planted: str, told: str, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as connection:
        connection.execute(
            """
            create table sound as
            select
                id,
                10.10::decimal(18, 2) as amount,
                timestamp '2024-01-01 10:00:00.000001' as moment,
                0.1::double as share,
                null::varchar as note
            from (values ('a'), ('b')) as t(id)
            """
        )
        (tmp_path / "sound").mkdir()
        connection.execute(f"copy ({planted}) to '{tmp_path}/sound/part.parquet'")
    found = parity.compare(tmp_path / "marts.duckdb", tmp_path, ["sound"])
    assert told in parity.report(found) and bool(told) == bool(parity.report(found))
