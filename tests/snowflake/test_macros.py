"""Every dispatched macro means on the emulator of Snowflake what it means on DuckDB."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import snowflake.connector  # pyright: ignore[reportMissingImports]

from tests.engines import macros
from tests.engines.macros import NOON, Tables
from tests.harness import Project
from tests.snowflake import emulator
from tests.unit.macros import table


@pytest.fixture
def on_snowflake(duck: duckdb.DuckDBPyConnection) -> Callable[[str, Tables], list[tuple[Any, ...]]]:
    def run(query: str, tables: Tables) -> list[tuple[Any, ...]]:
        for name, (columns, rows) in tables.items():
            duck.execute(f"DROP TABLE IF EXISTS {emulator.DATABASE}.MARTS.{name}")
            table(duck, f"{emulator.DATABASE}.MARTS.{name}", columns, rows)
        with snowflake.connector.connect(database=emulator.DATABASE, schema="MARTS") as connection:
            return connection.cursor().execute(macros.compiled("snowflake")[query]).fetchall()

    return run


@pytest.mark.parametrize("name", macros.VALUES)
def test_values(name: str, on_snowflake: macros.Engine) -> None:
    unlike = macros.unlike_values(name, on_snowflake)
    assert not unlike, unlike


@pytest.mark.parametrize("name", macros.STATEMENTS)
def test_statements(name: str, on_snowflake: macros.Engine) -> None:
    assert macros.statements_agree(name, on_snowflake)


def test_raise_if_stops_and_says_why(on_snowflake: macros.Engine) -> None:
    with pytest.raises(Exception, match="it's wrong"):
        on_snowflake("a problem", {"inputs": ("x varchar", [(None,), ("it's wrong",)])})


def test_a_mart_is_named_as_the_engine_finds_it(duck: duckdb.DuckDBPyConnection) -> None:
    assert macros.compiled("snowflake")["a mart"].strip() == "main.fct_calls"


def test_types_are_what_python_reads_alike(on_snowflake: macros.Engine) -> None:
    found = on_snowflake("types", {"inputs": ("a timestamp", [(NOON,)])})
    assert repr(found) == repr([(date(2024, 1, 1), NOON, Decimal("1.000000000000"))])


def test_seeds_keep_their_rows_order_and_every_sign(project: Project, duck: duckdb.DuckDBPyConnection) -> None:
    project.write_seed("channel_rules", macros.SHEET)
    project.write("web/sessions", [{"ID": "s", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01 12:00:00"}])
    project.write("salesforce/Task", [{"Id": "00T000000000001EAA", "bizible2__BizibleId__c": "c"}])
    project.land()
    project.build(select=["channel_rules"])
    emulator.build(duck, project, select=["channel_rules"])
    expected = project.query("select rowid as place, * from warehouse.seeds.channel_rules order by place")
    seed = f"{emulator.DATABASE}.SEEDS.CHANNEL_RULES"
    found = duck.execute(f"SELECT * FROM {seed} ORDER BY _SEED_ROW").fetchall()
    assert found == [tuple(row.values()) for row in expected]
    assert expected[0]["Campaign"] == "a\\b;c" and expected[1]["Channel"] is None
