"""Increments on Spark: after each of them every mart equals DuckDB's after its own, and a full rebuild's."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dbt.contracts.graph.nodes import ModelNode

from orchestration.lib import dbt, increments
from orchestration.lib.spark import marts, session, tables
from tests.conftest import FULL
from tests.engines import parity
from tests.harness import frozen_manifest, plain_manifest, settings_in
from tests.increments.rebuilds import Observed, differences, node, set_sql
from tests.increments.sequences import Plan, draw_sequence, take
from tests.increments.stories import STEPS as STORY_STEPS
from tests.unit.macros import connect, render, table

SEED, WORLDS = 1, 20
# Each step is a build on Spark, most of a minute.
STEPS = STORY_STEPS if FULL else 2
BREAKS = {1: "scope_cookies"}


def mart_tables() -> dict[str, ModelNode]:
    """Views show what is in them; writing them as well would take as long again."""
    found = marts.marts_of(dbt.thaw(frozen_manifest("spark")))
    return {name: mart for name, mart in found.items() if mart.config.materialized != "view"}


class OnSpark(Observed):
    """A project whose builds hand out Parquet and keep their tables, as a run's do; without the DuckDB file."""

    def increment(self, variables: Mapping[str, Any] | None = None) -> None:
        self.build(variables=variables, increment=True)

    def collect(self) -> None:
        settings, manifest, spark = self.settings, dbt.thaw(frozen_manifest("spark")), session.start(self.settings)
        assert settings.parquet_build
        marts.write_parquet(spark, mart_tables(), settings.parquet_build)
        tables.keep(spark, settings, manifest)

    def break_off(self, model: str, variables: Mapping[str, Any] | None = None) -> None:
        """And in the middle of an overwrite: the old partitions are deleted, the new ones are not there yet."""
        super().break_off(model, variables)
        for bucket in self.settings.spark_dir.glob("tables/*/*/_bucket=*"):
            shutil.rmtree(bucket)


def test_increments_equal_duckdbs_and_full_rebuilds(tmp_path: Path) -> None:
    sequence = draw_sequence(SEED, WORLDS, Plan(steps=STEPS, breaks=BREAKS))
    duckdb, spark = Observed(tmp_path / "duckdb"), OnSpark(tmp_path / "spark", target="spark")
    for number, step in enumerate(sequence.steps):
        take(duckdb, replace(step, breaks_off=None), number, {})
        take(spark, step, number, {})
        assert spark.plan.kind == duckdb.plan.kind
        assert number != 1 or spark.plan.kind == "increment"
        assert increments.recomputed(spark.settings) == increments.recomputed(duckdb.settings)
        folder = spark.settings.parquet_build
        assert folder
        found = parity.compare(duckdb.settings.marts_build, folder, list(mart_tables()))
        assert not parity.report(found), f"step {number}\n{parity.report(found)}"
    assert not differences(duckdb.marts(), duckdb.rebuilt())
    assert increments.plan(spark.settings, plain_manifest()).kind == "nothing"
    changed = increments.plan(spark.settings, plain_manifest(), variables={"dedupe_calls": False})
    assert (changed.kind, changed.reason) == ("full", "variable dedupe_calls is false, it was true")


class OnSparkInPart(OnSpark):
    """The same for what one kept model needs."""

    def arrive(self, names: list[str], **cells: Any) -> None:
        """Sessions; a Task is needed as well."""
        self.write("web/sessions", [{"ID": name, "EVENT_DATE": "2024-05-01 10:00:00"} | cells for name in names])
        self.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": "c"}], name="tasks")
        self.land()

    def build_kept(self, check: bool = True) -> dbt.BuildResult:
        return self.build([f"+{KEPT}"], increment=True, check=check)

    def collect(self) -> None:
        manifest, spark = dbt.thaw(frozen_manifest("spark")), session.start(self.settings)
        for name, made in list(manifest.nodes.items()):
            is_table = made.resource_type in ("model", "seed")
            if not is_table or not spark.catalog.tableExists(f"{made.schema}.{made.alias}"):
                del manifest.nodes[name]
        tables.keep(spark, self.settings, manifest)

    def rows(self) -> list[tuple[Any, ...]]:
        sql = f"SELECT session_id, cookie_id FROM intermediate.{KEPT} ORDER BY ALL"
        return [tuple(row) for row in session.start(self.settings).sql(sql).collect()]

    def files(self) -> dict[str, set[str]]:
        """The names of the files of each bucket; a file that is written again has another name."""
        folder = self.settings.spark_dir / "tables" / "intermediate" / KEPT
        return {bucket.name: {file.name for file in bucket.glob("*.parquet")} for bucket in folder.glob("_bucket=*")}


KEPT = "int_given_sessions__parsed"


def test_only_the_buckets_of_the_scope_are_written(tmp_path: Path) -> None:
    project = OnSparkInPart(tmp_path, target="spark", spark_buckets=16)
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
    project = OnSparkInPart(tmp_path, target="spark")
    project.arrive(["s1"], COOKIE_ID="c")
    project.build_kept()
    project.arrive(["s2"], COOKIE_ID="c")
    project.plant = lambda manifest: set_sql(
        manifest, KEPT, node(manifest, KEPT).raw_code.replace("and {{ is_new('sessions') }}", "")
    )
    result = project.build_kept(check=False)
    assert [failed.name for failed in result.failed] == [KEPT]
    assert f"A row of intermediate.{KEPT} is in no scope." in result.failed[0].message


def test_a_table_format_deletes_what_is_in_scope_and_nothing_else(tmp_path: Path) -> None:
    """On DuckDB, and read by Spark's parser: no table format is at hand."""
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
