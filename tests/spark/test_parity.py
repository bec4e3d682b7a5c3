"""Every mart built on Spark equals DuckDB's, row for row."""

import pytest

from orchestration.lib import dbt
from orchestration.lib.spark import marts, session
from tests.engines import parity
from tests.engines.builds import CASES, assert_equal, land
from tests.harness import Project, frozen_manifest


@pytest.mark.parametrize("name", CASES)
def test_every_mart_equals_duckdbs(name: str, project: Project) -> None:
    variables = land(name, project)
    project.build(variables=variables)
    spark = project.on("spark")
    spark.build(variables=variables)
    assert_equal(compared(project, spark))


def compared(project: Project, spark: Project) -> list[parity.MartParity]:
    names = marts.marts_of(dbt.thaw(frozen_manifest("spark")))
    folder = spark.settings.parquet_build
    assert folder
    marts.write_parquet(session.start(spark.settings), names, folder)
    return parity.compare(project.settings.marts_build, folder, list(names))
