"""The landed tables for Spark: a folder of Parquet each.

In a full refresh these are the raw tables, written again only where landing changed them. In an incremental build they
are the rows of the affected components and their keys.
"""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration.lib.landing import store, trackers
from orchestration.lib.landing.contract import SourceTable, literal, quote, read_global_columns
from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

# Row groups and files of a size that one Spark task reads well.
_FORMAT = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 100000, FILE_SIZE_BYTES '128MB'"

# The keys of affected rows, in the folder of Spark.
KEYS = Path("raw", "affected", "keys")

# The types that landed tables have.
_SPARK_TYPES = {
    "VARCHAR": "string",
    "TIMESTAMP": "timestamp_ntz",
    "BOOLEAN": "boolean",
    "INTEGER": "int",
    "BIGINT": "bigint",
    "UBIGINT": "decimal(20, 0)",
}

# The state of a table after its last landing. A load id alone is not enough: a new warehouse starts again from 1.
_STATE = """
    SELECT tables.load_id, tables.signature, max(files.landed_at)
    FROM landing.tables AS tables
    LEFT JOIN landing.files AS files ON tables.source = files.source AND tables.table_name = files.table_name
    WHERE tables.source = $source AND tables.table_name = $name
    GROUP BY ALL
"""


@dataclass(frozen=True)
class Exported:
    """A table under the name that dbt reads, and its folder of Parquet."""

    schema: str
    name: str
    folder: Path


def export(settings: Settings, is_incremental: bool) -> list[Exported]:
    """Exports every table that dbt reads. A folder gets its name when it is complete."""
    raw = settings.spark_dir / "raw"
    exported = []
    with store.connect(settings.warehouse, settings.duckdb_memory) as con:
        for table in trackers.tables(settings):
            folder = raw / table.input_schema / table.name
            if is_incremental and not table.read_whole:
                rows = f"FROM {quote(table.input_schema)}.{quote(table.name)}"
                exported.append(Exported(table.input_schema, table.name, write(con, rows, folder / "affected")))
            else:
                exported.append(Exported(table.input_schema, table.name, _export_whole(con, table, folder)))
        # A few distinct rows that decide how every session is read.
        for (schema, name), columns in read_global_columns(
            settings.project_dir, trackers.selected(settings).name
        ).items():
            rows = f"SELECT DISTINCT {', '.join(map(quote, columns))} FROM {quote(schema)}.{quote(name)}"
            exported.append(Exported(schema, name, write(con, rows, raw / schema / name)))
        if is_incremental:
            exported.append(Exported("affected", "keys", write(con, "FROM affected.keys", settings.spark_dir / KEYS)))
    return exported


def offer(spark: "SparkSession", tables: list[Exported]) -> None:
    """Registers the folders in Spark under the names of dbt's sources."""
    for schema in dict.fromkeys(table.schema for table in tables):
        spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    with duckdb.connect() as con:
        for table in tables:
            # With its columns: otherwise Spark would start a job per table to infer them.
            described = con.execute(f"DESCRIBE FROM {parquet(table.folder)}").fetchall()
            columns = ", ".join(f"{_spark_name(name)} {_SPARK_TYPES[data_type]}" for name, data_type, *_ in described)
            spark.sql(f"DROP TABLE IF EXISTS {table.schema}.{table.name}")
            spark.sql(
                f"CREATE TABLE {table.schema}.{table.name} ({columns})"
                f" USING parquet LOCATION {literal(str(table.folder))}"
            )


def _spark_name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _export_whole(con: duckdb.DuckDBPyConnection, table: SourceTable, versions: Path) -> Path:
    columns = con.execute(f"DESCRIBE {store.raw_table(table)}").fetchall()
    state = con.execute(_STATE, {"source": table.source, "name": table.name}).fetchall()
    folder = versions / hashlib.sha256(repr((columns, state)).encode()).hexdigest()[:16]
    if not folder.exists():
        shutil.rmtree(versions, ignore_errors=True)
        write(con, f"FROM {store.raw_table(table)}", folder)
    return folder


def parquet(folder: Path) -> str:
    """The rows of a folder, for DuckDB. By default it would add a column for a name such as `env=prod` in the path."""
    return f"read_parquet({literal(f'{folder}/*.parquet')}, hive_partitioning = false)"


def connect(settings: Settings, file: str = ":memory:", read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """DuckDB within the limits of a build, for rows in any order."""
    return duckdb.connect(
        file,
        read_only=read_only,
        config={
            "memory_limit": settings.duckdb_memory,
            "temp_directory": str(settings.spark_dir / "spill"),
            "preserve_insertion_order": False,
        },
    )


def write(con: duckdb.DuckDBPyConnection, rows: str, folder: Path) -> Path:
    """Writes what a query reads as a folder of Parquet, which gets its name when it is complete."""
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    con.execute(f"COPY ({rows}) TO {literal(str(part))} ({_FORMAT})")
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(part, folder)
    return folder
