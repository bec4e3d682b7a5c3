"""Every mart built on the emulator of Snowflake equals DuckDB's, row for row."""

from pathlib import Path

import duckdb
import pytest

from orchestration.lib.engines.spark import marts
from orchestration.lib.sample import write_sample
from tests.engines import parity
from tests.engines.builds import CASES, assert_equal, land
from tests.harness import Project, frozen_manifest, thaw
from tests.snowflake import emulator

SESSIONS = 1000


@pytest.mark.parametrize("name", CASES)
def test_every_mart_equals_duckdbs(name: str, project: Project, duck: duckdb.DuckDBPyConnection) -> None:
    variables = land(name, project)
    project.build(variables=variables)
    emulator.build(duck, project, variables=variables)
    assert_equal(compared(project, duck))


def test_the_sample_dataset_comes_out_the_same_and_passes_every_data_test(
    project: Project, duck: duckdb.DuckDBPyConnection
) -> None:
    write_sample(project.settings.landing_dir, project.folder / "expected", SESSIONS)
    project.land()
    project.build()
    emulator.build(duck, project, tests=True)
    assert_equal(compared(project, duck))
    # One amount in the last of its digits, and one text.
    for mart, column, planted in (
        ("fct_attribution_touchpoints", "full_path_percentage", "full_path_percentage + 0.000000000001"),
        ("fct_calls", "verdict_explanation", "verdict_explanation || ' '"),
    ):
        table = f"{emulator.DATABASE}.MARTS.{mart}"
        first = f"rowid = (SELECT min(rowid) FROM {table} WHERE {column} IS NOT NULL)"
        duck.execute(f"UPDATE {table} SET {column} = {planted} WHERE {first}")
        unlike = [one for one in compared(project, duck) if one.problem]
        assert mart in [one.mart for one in unlike] and column in parity.report(unlike)
        # Views over the mart show it, too.
        assert len(unlike) < 6


def compared(project: Project, duck: duckdb.DuckDBPyConnection) -> list[parity.MartParity]:
    names = marts.marts_of(thaw(frozen_manifest("snowflake")))
    folder = next(
        folder for folder in (Path(project.folder, f"snowflake-{n}") for n in range(9)) if not folder.exists()
    )
    landed = project.query("select distinct column_name from duckdb_columns() where schema_name like 'raw_%'")
    emulator.write_parquet(duck, names, folder, [row["column_name"] for row in landed])
    return parity.compare(project.settings.marts_build, folder, list(names))
