"""Incremental builds with Iceberg's tables: DuckDB's marts after each, and files that stay where no row is affected."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from orchestration.lib import build as builds
from orchestration.lib.engines.spark import session, tables
from tests.engines import spark as shared
from tests.engines.spark import STORED, opportunity
from tests.harness import plain_manifest, settings_in


def test_incremental_builds_equal_duckdbs_and_full_refreshes(tmp_path: Path) -> None:
    shared.assert_incremental_builds_equal_duckdbs_and_full_refreshes(tmp_path, spark_format="iceberg")


class OnIceberg(shared.OnSparkInPart):
    """One stored mart, and what Iceberg says of its table."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, spark_format="iceberg")

    def files(self) -> set[str]:
        return {path for (path,) in self.found(f"SELECT file_path FROM marts.{STORED}.files")}

    def snapshots(self) -> int:
        return len(self.found(f"SELECT snapshot_id FROM marts.{STORED}.snapshots"))

    def written(self) -> set[str]:
        """What is on the disk."""
        return {str(path) for path in self.folder_of_stored().glob("data/*.parquet")}

    def folder_of_stored(self) -> Path:
        return self.settings.spark_dir / "tables" / "marts" / STORED


def test_only_files_with_affected_rows_are_written(tmp_path: Path) -> None:
    project = OnIceberg(tmp_path)
    early, late = ["1", "2"], ["3", "4"]
    one, other = ({"AccountId": f"00100000000000{number}AAA", "CurrencyIsoCode": "EUR"} for number in (1, 2))

    project.arrive(early, **one)
    project.build_stored()
    of_early = project.files()
    project.arrive(late, **other)
    project.build_stored()
    of_late = project.files() - of_early
    # New opportunities of another account alone: no file is written again.
    assert project.files() > of_early and of_late
    project.arrive(["2"], **one | {"CurrencyIsoCode": "GBP", "LastModifiedDate": "2024-06-01T00:00:00Z"})
    project.build_stored()
    assert project.plan.kind == "incremental"
    currencies = zip(map(opportunity, early + late), ["EUR", "GBP", "EUR", "EUR"], strict=True)
    assert project.rows() == list(currencies)
    assert project.files() >= of_late and not project.files() & of_early
    project.arrive(late, **other, LastModifiedDate="2024-06-02T00:00:00Z", IsDeleted="true")
    project.build_stored()
    left = [(opportunity("1"), "EUR"), (opportunity("2"), "GBP")]
    assert (project.plan.kind, project.rows()) == ("incremental", left)
    assert not project.files() & of_late
    # Nothing of the builds before is left, and the copy for the next one holds the same.
    assert (project.snapshots(), project.written()) == (1, project.files())
    finished = project.settings.spark_finished_dir / "marts" / STORED / "data"
    assert {path.name for path in finished.iterdir()} == {Path(path).name for path in project.files()}
    assert len(list(project.folder_of_stored().glob("metadata/*.metadata.json"))) <= 2


def test_another_format_or_place_is_a_full_build(tmp_path: Path) -> None:
    project = OnIceberg(tmp_path / "here")
    project.arrive(["1"], CurrencyIsoCode="EUR")
    project.build_stored()
    project.arrive(["2"], CurrencyIsoCode="EUR")
    assert builds.plan(project.settings, plain_manifest()).kind == "incremental"
    other = builds.plan(replace(project.settings, spark_format="parquet"), plain_manifest())
    assert other.kind == "full" and "CALL_ATTRIBUTION_SPARK_FORMAT is parquet, it was iceberg" in other.reason
    # Iceberg names its files by the whole path: a moved warehouse would read, and remove, those of the old place.
    tmp_path.joinpath("here").rename(tmp_path / "there")
    moved = builds.plan(settings_in(tmp_path / "there", target="spark", spark_format="iceberg"), plain_manifest())
    assert (moved.kind, moved.reason) == ("full", "the folder of Spark's tables changed")


def test_a_row_of_no_affected_component_stops_the_build(tmp_path: Path) -> None:
    """Otherwise the old and the new row would both exist."""
    shared.assert_a_row_of_no_affected_component_stops_the_build(tmp_path, spark_format="iceberg")


def test_small_files_are_put_together(tmp_path: Path) -> None:
    spark = session.start(settings_in(tmp_path, target="spark", spark_format="iceberg"))
    spark.sql("CREATE SCHEMA IF NOT EXISTS small")
    spark.sql("CREATE TABLE small.files USING iceberg AS SELECT 0 AS number")
    for number in range(1, 6):
        spark.sql(f"INSERT INTO small.files VALUES ({number})")
    tables.tidy(spark, "small.files")
    assert sorted(number for (number,) in spark.table("small.files").collect()) == list(range(6))
    assert len(spark.sql("SELECT * FROM small.files.files").collect()) == 1
    assert len(list((tmp_path / "warehouse.duckdb.spark/tables/small/files/data").glob("*.parquet"))) == 1
    spark.sql("DROP TABLE small.files")
