"""Every dispatched macro means on Spark what it means on DuckDB, over values at the edges and thousands at random."""

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.engines.spark import session
from tests.engines import macros
from tests.engines.macros import NOON, Tables, on_duckdb
from tests.harness import Project, settings_in

# The session outlives every test, and so must its folder.
FOLDER = tempfile.TemporaryDirectory(prefix="spark-macros-")


def on_spark(query: str, tables: Tables) -> list[tuple[Any, ...]]:
    spark = session.start(settings_in(Path(FOLDER.name), target="spark"))
    # As dbt-spark and profiles.yml set it for every statement of a build.
    for name, value in {
        "spark.sql.ansi.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.sql.legacy.createHiveTableByDefault": "false",
    }.items():
        spark.conf.set(name, value)
    for name, (columns, rows) in tables.items():
        schema = columns.replace("varchar", "string").replace("timestamp", "timestamp_ntz")
        spark.createDataFrame(rows, schema).createOrReplaceTempView(name)
    return [tuple(row) for row in spark.sql(macros.compiled("spark")[query]).collect()]


@pytest.mark.parametrize("name", macros.VALUES)
def test_values(name: str) -> None:
    unlike = macros.unlike_values(name, on_spark)
    assert not unlike, unlike


@pytest.mark.parametrize("name", macros.STATEMENTS)
def test_statements(name: str) -> None:
    assert macros.statements_agree(name, on_spark)


@pytest.mark.parametrize("engine", [on_duckdb, on_spark])
def test_raise_if_stops_and_says_why(engine: Any) -> None:
    tables: Tables = {"inputs": ("x varchar", [(None,), ("it's wrong",)])}
    with pytest.raises(Exception, match="it's wrong"):
        engine("a problem", tables)


def test_a_mart_is_named_as_the_engine_finds_it() -> None:
    session.start(settings_in(Path(FOLDER.name), target="spark"))
    assert macros.compiled("duckdb")["a mart"].strip() == '"main"."fct_calls"'
    assert macros.compiled("spark")["a mart"].strip() == "main.fct_calls"


def test_seeds_keep_their_rows_order_and_every_sign(project: Project) -> None:
    project.write_seed("channel_rules", macros.SHEET)
    project.write("web/sessions", [{"ID": "s", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01 12:00:00"}])
    project.write("salesforce/Task", [{"Id": "00T000000000001EAA", "bizible2__BizibleId__c": "c"}])
    project.land()
    project.build(select=["channel_rules"])
    on_spark_too = project.on("spark")
    on_spark_too.build(select=["channel_rules"])
    duckdb = project.query("select rowid as place, * from warehouse.seeds.channel_rules order by place")
    spark = session.start(on_spark_too.settings).sql("select * from seeds.channel_rules order by _seed_row").collect()
    assert [tuple(row) for row in spark] == [tuple(row.values()) for row in duckdb]
    assert duckdb[0]["Campaign"] == "a\\b;c" and duckdb[1]["Channel"] is None


@pytest.mark.parametrize("engine", [on_duckdb, on_spark])
def test_types_are_what_python_reads_alike(engine: Any) -> None:
    found = engine("types", {"inputs": ("a timestamp", [(NOON,)])})
    assert repr(found) == repr([(date(2024, 1, 1), NOON, Decimal("1.000000000000"))])
