"""`make build` with Iceberg's tables, as a user runs it: the sample dataset, every dbt test, both published forms."""

from pathlib import Path

from tests.engines import spark


def test_the_sample_dataset_comes_out_the_same(tmp_path: Path, conf: Path) -> None:
    spark.assert_the_sample_dataset_comes_out_the_same(tmp_path, conf, conf, spark_format="iceberg")
