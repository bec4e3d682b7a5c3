"""Every mart built with Iceberg's tables, views too, equals DuckDB's, row for row; here as shipped.

What else is in force changes SQL and not tables: tests/spark has those builds.
"""

from tests.engines.builds import assert_equal, land
from tests.engines.spark import all_marts_compared
from tests.harness import Project


def test_every_mart_equals_duckdbs(project: Project) -> None:
    variables = land("as shipped", project)
    project.build(variables=variables)
    spark = project.on("spark", spark_format="iceberg")
    spark.build(variables=variables)
    assert_equal(all_marts_compared(project, spark))
