"""Incremental builds on Spark: after each of them every mart equals DuckDB's after its own, and a full refresh's."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib import build as builds
from orchestration.lib.engines.spark import session
from tests.engines import spark as shared
from tests.engines.spark import STORED, opportunity
from tests.harness import plain_manifest, settings_in
from tests.unit.macros import connect, render, table


def test_incremental_builds_equal_duckdbs_and_full_refreshes(tmp_path: Path) -> None:
    shared.assert_incremental_builds_equal_duckdbs_and_full_refreshes(tmp_path)


@pytest.mark.parametrize("adds_unaffected_rows", [False, True], ids=["Spark", "DuckDB"])
def test_a_stored_mart_is_written_again_with_its_unaffected_rows(tmp_path: Path, adds_unaffected_rows: bool) -> None:
    """On a server by Spark, in a run by DuckDB."""
    project = shared.OnSparkInPart(tmp_path, adds_unaffected_rows=adds_unaffected_rows)
    names = [str(number) for number in range(8)]

    def files() -> int:
        return len(list((project.settings.spark_dir / "tables" / "marts" / STORED).glob("*.parquet")))

    project.arrive(names, CurrencyIsoCode="EUR")
    project.build_stored()
    assert project.rows() == [(opportunity(name), "EUR") for name in names]
    numbers = []
    for day, name in enumerate(names[:4], start=1):
        project.arrive([name], CurrencyIsoCode="GBP", LastModifiedDate=f"2024-06-0{day}T00:00:00Z")
        project.build_stored()
        numbers.append(files())
        changed = names[:day]
        expected = [(opportunity(name), "GBP" if name in changed else "EUR") for name in names]
        assert (project.plan.kind, project.rows()) == ("incremental", expected)
    # Small files are read together, so their number does not grow from build to build.
    assert numbers[-1] <= numbers[0]
    project.arrive(names, CurrencyIsoCode="EUR", LastModifiedDate="2024-06-09T00:00:00Z", IsDeleted="true")
    project.build_stored()
    assert (project.plan.kind, project.rows()) == ("incremental", [])
    project.arrive(["9"], CurrencyIsoCode="EUR")
    assert builds.plan(project.settings, plain_manifest()).kind == "incremental"
    finished = project.settings.spark_finished_dir
    shutil.rmtree(finished)
    missing = builds.plan(project.settings, plain_manifest())
    assert (missing.kind, missing.reason) == ("full", f"{finished} is missing")


def test_a_row_of_no_affected_component_stops_the_build(tmp_path: Path) -> None:
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
