"""Every mart built on Spark equals DuckDB's, row for row."""

import pytest

from tests.engines.builds import assert_equal, builds, land
from tests.engines.spark import all_marts_compared
from tests.harness import Project


@pytest.mark.parametrize("name", builds())
def test_every_mart_equals_duckdbs(name: str, project: Project) -> None:
    variables = land(name, project)
    project.build(variables=variables)
    spark = project.on("spark")
    spark.build(variables=variables)
    assert_equal(all_marts_compared(project, spark))
