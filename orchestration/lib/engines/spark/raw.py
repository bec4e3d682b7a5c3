"""The landed tables for Spark: a folder of Parquet a table, written again only when landing changed the table."""

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration.lib.landing import store
from orchestration.lib.landing.contract import SourceTable, literal
from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

# As many rows as a Spark task reads well at a time, and a file a task.
_FORMAT = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000, FILE_SIZE_BYTES '128MB'"

# The types that landed tables have.
_SPARK_TYPES = {
    "VARCHAR": "string",
    "TIMESTAMP": "timestamp_ntz",
    "BOOLEAN": "boolean",
    "INTEGER": "int",
    "BIGINT": "bigint",
    "UBIGINT": "decimal(20, 0)",
}

# What landing did last to a table. Its batch number alone would return when a warehouse is begun anew.
_STATE = """
    SELECT tables.batch_id, tables.signature, max(files.landed_at)
    FROM landing.tables AS tables
    LEFT JOIN landing.files AS files ON tables.source = files.source AND tables.table_name = files.table_name
    WHERE tables.source = $source AND tables.table_name = $name
    GROUP BY ALL
"""


def export(settings: Settings, tables: Iterable[SourceTable]) -> dict[SourceTable, Path]:
    """Every landed table as a folder of Parquet, named after the state of the table; complete once it has that name."""
    with store.connect(settings.warehouse) as con:
        return {table: _export(con, table, settings.spark_dir / "raw" / table.schema / table.name) for table in tables}


def offer(spark: "SparkSession", folders: dict[SourceTable, Path]) -> None:
    """Makes the folders known to Spark as the tables that dbt's sources name."""
    for schema in dict.fromkeys(table.schema for table in folders):
        spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    with duckdb.connect() as con:
        for table, folder in folders.items():
            # With its columns: without them Spark would start a job a table to find out.
            described = con.execute(f"DESCRIBE FROM read_parquet({literal(f'{folder}/*.parquet')})").fetchall()
            columns = ", ".join(f"{_spark_name(name)} {_SPARK_TYPES[data_type]}" for name, data_type, *_ in described)
            spark.sql(f"DROP TABLE IF EXISTS {table.schema}.{table.name}")
            spark.sql(
                f"CREATE TABLE {table.schema}.{table.name} ({columns}) USING parquet LOCATION {literal(str(folder))}"
            )


def _spark_name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _export(con: duckdb.DuckDBPyConnection, table: SourceTable, versions: Path) -> Path:
    columns = con.execute(f"DESCRIBE {store.raw_table(table)}").fetchall()
    state = con.execute(_STATE, {"source": table.source, "name": table.name}).fetchall()
    folder = versions / hashlib.sha256(repr((columns, state)).encode()).hexdigest()[:16]
    if not folder.exists():
        shutil.rmtree(versions, ignore_errors=True)
        part = versions / f".{folder.name}.part"
        versions.mkdir(parents=True)
        con.execute(f"COPY (FROM {store.raw_table(table)}) TO {literal(str(part))} ({_FORMAT})")
        os.rename(part, folder)
    return folder
