"""The tables that incremental builds start from: those of the last finished build.

Spark's catalog ends with the process, and a killed build leaves tables between two states. So a finished build stores
its tables in a folder of their own, as hard links (neither Spark nor DuckDB writes into an existing file). An
incremental build starts from those, so nothing of an interrupted build remains. For Parquet, the statements that create
the tables are stored as well; Iceberg's tables are known by their files.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.lib.engines.spark import raw
from orchestration.lib.landing.contract import literal
from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.contracts.graph.nodes import ModelNode, SeedNode
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

# Files that Spark writes beside its data.
_MARKER_FILES = shutil.ignore_patterns(".*", "_SUCCESS", "_temporary")


def save(spark: "SparkSession", settings: Settings, manifest: "Manifest") -> None:
    """Replaces the saved tables with those of a build that has finished."""
    saved = settings.spark_finished_dir
    part = saved.with_name(f".{saved.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    for node in _saved(manifest):
        schema, table = node.schema, node.alias
        table_format = node.config.get("file_format") or "parquet"
        if table_format == "iceberg":
            tidy(spark, f"{schema}.{table}")
        _link(settings.spark_dir / "tables" / schema / table, part / schema / table)
        if table_format == "parquet":
            [(statement,)] = spark.sql(f"SHOW CREATE TABLE {schema}.{table}").collect()
            (part / schema / f"{table}.sql").write_text(statement, encoding="utf-8")
    replace_folder(saved, part)


def add_unaffected_rows(spark: "SparkSession", settings: Settings, manifest: "Manifest") -> None:
    """Makes stored marts whole, of which an incremental build on Parquet has written the affected rows alone."""
    affected = f"SELECT key FROM {raw.parquet(settings.spark_dir / raw.KEYS)} WHERE kind IN "
    with raw.connect(settings) as con:
        for node in manifest.nodes.values():
            if node.config.materialized != "by_component":
                continue
            key, place = node.config.meta["component_key"], Path(node.schema, node.alias)
            saved, table = settings.spark_finished_dir / place, settings.spark_dir / "tables" / place
            saved_files, files = (
                {file.stat().st_ino for file in folder.glob("*.parquet")} for folder in (saved, table)
            )
            if not saved_files or saved_files & files:
                # Nothing to add, or a table that this build has not written.
                continue
            kinds = ", ".join(map(literal, key["kinds"]))
            # A row without a key belongs to no component.
            rows = f"FROM {raw.parquet(saved)} WHERE ({key['column']} IN ({affected} ({kinds}))) IS NOT TRUE"
            if files:
                rows += f" UNION ALL FROM {raw.parquet(table)}"
            raw.write(con, rows, table)
            spark.catalog.refreshTable(f"{node.schema}.{node.alias}")


def tidy(spark: "SparkSession", name: str) -> None:
    """Merges an Iceberg table's small files and removes all snapshots but the current one.

    Otherwise the table would keep every file that it ever had. Nobody needs them: published versions are separate
    files.
    """
    java: Any = spark
    iceberg = java._jvm.org.apache.iceberg.spark
    table = iceberg.Spark3Util.loadIcebergTable(java._jsparkSession, name)
    iceberg.actions.SparkActions.get(java._jsparkSession).rewriteDataFiles(table).execute()
    table.refresh()
    # Each snapshot by its id: given only a time, Iceberg keeps the files that the last change replaced.
    expired = table.expireSnapshots()
    for snapshot in table.snapshots():
        if snapshot.snapshotId() != table.currentSnapshot().snapshotId():
            expired = expired.expireSnapshotId(snapshot.snapshotId())
    expired.commit()


def replace_folder(folder: Path, part: Path) -> None:
    """Replaces a folder with a complete one. At any time, one of them exists whole, or neither exists."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.rename(folder, old)
    os.rename(part, folder)
    shutil.rmtree(old, ignore_errors=True)


def restore(spark: "SparkSession", settings: Settings) -> None:
    """Registers the saved tables in a new session."""
    for folder in sorted(path for path in settings.spark_finished_dir.glob("*/*") if path.is_dir()):
        schema, table = folder.parent.name, folder.name
        target, made_by = settings.spark_dir / "tables" / schema / table, folder.with_name(f"{table}.sql")
        statement = made_by.read_text(encoding="utf-8") if made_by.exists() else ""
        if statement:
            # Before the files exist: a managed table needs an empty folder.
            spark.sql(statement)
        _link(folder, target)


def _saved(manifest: "Manifest") -> "Iterator[ModelNode | SeedNode]":
    """The tables that an incremental build does not make from nothing: seeds, stored marts, global tables, and those of
    optional features, which it leaves as they are while no row needs them."""
    for node in manifest.nodes.values():
        is_stored = node.config.materialized in ("by_component", "global_table") or node.config.meta.get("needs")
        if node.resource_type == "seed" or (node.resource_type == "model" and is_stored):
            yield node  # pyright: ignore[reportReturnType]


def _link(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=os.link, ignore=_MARKER_FILES, dirs_exist_ok=True)
