"""Tries macros on values: dbt renders them, DuckDB works them out."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from orchestration.lib.build import dbt
from tests.harness import frozen_manifest, settings_in, thaw


@cache
def render(template: str) -> str:
    """The SQL that dbt makes of a piece of a model."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_in(Path(folder))
        line = dbt.arguments("compile", settings, target_dir=Path(folder) / "target")
        with mock.patch.dict(os.environ, settings.environment()):
            outcome: Any = dbtRunner(manifest=thaw(frozen_manifest())).invoke([*line, "--inline", template])
        DuckDBConnectionManager.close_all_connections()
    assert outcome.success, outcome.exception
    return outcome.result.results[0].node.compiled_code


def connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def table(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """A table of rows; `columns` names and types, as SQL has them."""
    rows = [list(row) for row in rows]
    connection.execute(f"CREATE TABLE {name} ({columns})")
    if rows:
        connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def evaluate(expression: str, values: Sequence[Any], columns: str = "x varchar") -> list[Any]:
    """The expression for each value (a tuple where there are several columns)."""
    with connect() as connection:
        rows = [value if isinstance(value, tuple) else (value,) for value in values]
        table(connection, "inputs", f"row_number integer, {columns}", [(n, *row) for n, row in enumerate(rows)])
        sql = render(f"select {expression} as result from inputs order by row_number")
        return [row[0] for row in connection.execute(sql).fetchall()]
