"""Increments on Spark: after each of them every mart equals DuckDB's after its own, and a full refresh's."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestration.lib import build as builds
from orchestration.lib.engines.spark import session
from tests.engines import spark as shared
from tests.engines.spark import STORED, opportunity
from tests.harness import plain_manifest, settings_in
from tests.unit.macros import connect, render, table


def test_incremental_builds_equal_duckdbs_and_full_refreshes(tmp_path: Path) -> None:
    shared.assert_incremental_builds_equal_duckdbs_and_full_refreshes(tmp_path)


class InBuckets(shared.OnSparkInPart):
    def files(self) -> dict[str, set[str]]:
        """The names of the files of each bucket; a file that is written again has another name."""
        folder = self.settings.spark_dir / "tables" / "marts" / STORED
        return {bucket.name: {file.name for file in bucket.glob("*.parquet")} for bucket in folder.glob("row_bucket=*")}


def test_only_the_buckets_of_affected_keys_are_written(tmp_path: Path) -> None:
    project = InBuckets(tmp_path, spark_buckets=16)
    names = [str(number) for number in range(8)]

    project.arrive(names, CurrencyIsoCode="EUR")
    project.build_stored()
    assert project.rows() == [(opportunity(name), "EUR") for name in names]
    before = project.files()
    project.arrive(["3"], CurrencyIsoCode="GBP", LastModifiedDate="2024-06-01T00:00:00Z")
    project.build_stored()
    after = project.files()
    assert (project.plan.kind, project.rows()[3]) == ("incremental", (opportunity("3"), "GBP"))
    assert after.keys() == before.keys()
    assert sum(after[bucket] != before[bucket] for bucket in before) == 1
    # A bucket loses all rows and gets none. An overwrite skips partitions without new rows, so it has to be dropped.
    project.arrive(names, CurrencyIsoCode="EUR", LastModifiedDate="2024-06-02T00:00:00Z", IsDeleted="true")
    project.build_stored()
    assert (project.plan.kind, project.rows(), project.files()) == ("incremental", [], {})
    # Another number of buckets, or no previous build.
    project.arrive(["9"], CurrencyIsoCode="EUR")
    other = replace(project.settings, spark_buckets=8)
    assert builds.plan(other, plain_manifest()).reason == "CALL_ATTRIBUTION_SPARK_BUCKETS is 8, it was 16"
    assert builds.plan(project.settings, plain_manifest()).kind == "incremental"
    finished = project.settings.spark_finished_dir
    shutil.rmtree(finished)
    missing = builds.plan(project.settings, plain_manifest())
    assert (missing.kind, missing.reason) == ("full", f"{finished} is missing")


def test_a_row_of_no_affected_component_stops_the_build(tmp_path: Path) -> None:
    """It would be all that is left of its bucket."""
    shared.assert_a_row_of_no_affected_component_stops_the_build(tmp_path)


def test_a_table_format_deletes_affected_rows_and_nothing_else(tmp_path: Path) -> None:
    """On DuckDB, and read by Spark's parser; on Iceberg itself it runs in tests/iceberg."""
    sql = render("{{ delete_affected_rows({'column': 'coalesce(a, b)', 'kinds': ['Lead', 'Contact']}) }}")
    with connect() as connection:
        connection.execute("ATTACH ':memory:' AS warehouse")
        connection.execute("CREATE SCHEMA warehouse.affected")
        rows = [("in", "out"), (None, "in"), ("out", "in"), (None, None), ("in", None), ("in", None), ("task", None)]
        table(connection, "warehouse.main.inline_query", "a varchar, b varchar", rows)
        keys = [("Lead", "in"), ("Contact", "in"), ("Contact", "new"), ("Task", "task")]
        table(connection, "warehouse.affected.keys", "kind varchar, key varchar", keys)
        connection.execute(sql)
        left = connection.execute("FROM warehouse.main.inline_query ORDER BY ALL").fetchall()
    assert left == [("out", "in"), ("task", None), (None, None)]
    spark: Any = session.start(settings_in(tmp_path, target="spark"))
    parser = spark._jsparkSession.sessionState().sqlParser()
    assert "MergeIntoTable" in parser.parsePlan(sql.replace('"', "`")).toString()
