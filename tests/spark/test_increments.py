"""Increments on Spark: after each of them every mart equals DuckDB's after its own, and a full refresh's."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestration.lib.build import increments
from orchestration.lib.engines.spark import session, tables
from tests.engines import spark as shared
from tests.engines.spark import KEPT
from tests.harness import plain_manifest, settings_in
from tests.unit.macros import connect, render, table


def test_incremental_builds_equal_duckdbs_and_full_refreshes(tmp_path: Path) -> None:
    shared.assert_incremental_builds_equal_duckdbs_and_full_refreshes(tmp_path)


class InBuckets(shared.OnSparkInPart):
    def files(self) -> dict[str, set[str]]:
        """The names of the files of each bucket; a file that is written again has another name."""
        folder = self.settings.spark_dir / "tables" / "intermediate" / KEPT
        return {bucket.name: {file.name for file in bucket.glob("*.parquet")} for bucket in folder.glob("row_bucket=*")}


def test_only_the_buckets_of_the_scope_are_written(tmp_path: Path) -> None:
    project = InBuckets(tmp_path, spark_buckets=16)
    names = [f"s{number}" for number in range(8)]

    project.arrive(names, COOKIE_ID="c")
    project.build_kept()
    assert project.rows() == [(name, "c") for name in names]
    before = project.files()
    project.arrive(["s3"], COOKIE_ID="d", _MODIFIED_DATE="2024-06-01")
    project.build_kept()
    after = project.files()
    assert (project.plan.kind, project.rows()[3]) == ("increment", ("s3", "d"))
    assert after.keys() == before.keys()
    assert sum(after[bucket] != before[bucket] for bucket in before) == 1
    # Every row of a bucket goes and none comes: what nothing is written to is not overwritten, and has to go.
    project.arrive(names, COOKIE_ID="d", _MODIFIED_DATE="2024-06-02", IS_DELETED="true")
    project.build_kept()
    assert (project.plan.kind, project.rows(), project.files()) == ("increment", [], {})
    # Another number of buckets, or nothing to go on from.
    project.arrive(["s9"], COOKIE_ID="c")
    other = replace(project.settings, spark_buckets=8)
    assert increments.plan(other, plain_manifest()).reason == "CALL_ATTRIBUTION_SPARK_BUCKETS is 8, it was 16"
    assert increments.plan(project.settings, plain_manifest()).kind == "increment"
    shutil.rmtree(tables.kept_dir(project.settings))
    gone = increments.plan(project.settings, plain_manifest())
    assert (gone.kind, gone.reason) == ("full", f"{tables.kept_dir(project.settings)} is gone")


def test_a_row_in_no_scope_stops_the_build(tmp_path: Path) -> None:
    """It would be all that is left of its bucket."""
    shared.assert_a_row_in_no_scope_stops_the_build(tmp_path)


def test_a_table_format_deletes_what_is_in_scope_and_nothing_else(tmp_path: Path) -> None:
    """On DuckDB, and read by Spark's parser; on Iceberg itself it runs in tests/iceberg."""
    sql = render("{{ deleted_in_scope('cookies', 'coalesce(a, b)') }}")
    with connect() as connection:
        connection.execute("ATTACH ':memory:' AS warehouse")
        connection.execute("CREATE SCHEMA warehouse.intermediate")
        rows = [("in", "out"), (None, "in"), ("out", "in"), (None, None), ("in", None), ("in", None)]
        table(connection, "warehouse.main.inline_query", "a varchar, b varchar", rows)
        table(connection, "warehouse.intermediate.scope_cookies", "cookie_id varchar", [("in",), ("in",), ("new",)])
        connection.execute(sql)
        left = connection.execute("FROM warehouse.main.inline_query ORDER BY ALL").fetchall()
    assert left == [("out", "in"), (None, None)]
    spark: Any = session.start(settings_in(tmp_path, target="spark"))
    parser = spark._jsparkSession.sessionState().sqlParser()
    assert "MergeIntoTable" in parser.parsePlan(sql.replace('"', "`")).toString()
