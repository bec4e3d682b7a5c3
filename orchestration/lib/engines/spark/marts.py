"""The marts that Spark built, for readers: a folder of Parquet per mart, and the DuckDB file that analysts open."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import duckdb
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode

from orchestration.lib.build import dbt
from orchestration.lib.engines.spark import raw
from orchestration.lib.landing.contract import literal, quote
from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession  # pyright: ignore[reportMissingImports]


def marts_of(manifest: Manifest) -> dict[str, ModelNode]:
    """The models that are published, by name."""
    models = (node for node in manifest.nodes.values() if isinstance(node, ModelNode))
    return {node.name: node for node in models if "marts" in node.fqn[:-1]}


def link_parquet(spark: "SparkSession", marts: Mapping[str, ModelNode], folder: Path) -> None:
    """The tables' Parquet, a folder per mart, as hard links.

    The result does not contain the bucket folders of stored marts (macros/engines/spark_materializations.sql). A table
    of a format of which not every file and row counts is written, and so is a table without rows, which has no files.
    Views are left to copy_views.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, node in marts.items():
        if node.config.materialized == "view":
            continue
        table, target = spark.table(f"{node.schema}.{name}"), folder / name
        if node.config.get("file_format") != "parquet":
            write_rows(table, target)
            continue
        files = table.inputFiles()
        if not files:
            _write_empty(table, target)
        for number, file in enumerate(files):
            target.mkdir(exist_ok=True)
            # Several partitions contain the same name.
            source = Path(unquote(urlsplit(file).path))
            os.link(source, target / f"{number}-{source.name}")


def write_rows(rows: "DataFrame", target: Path) -> None:
    """What Spark reads, as a folder of Parquet of its own."""
    rows.drop("row_bucket").write.parquet(str(target))
    for beside in (*target.glob(".*.crc"), *target.glob("_SUCCESS")):
        beside.unlink()


def _write_empty(table: "DataFrame", target: Path) -> None:
    """A file without rows, by DuckDB: for Spark it would be a job like any other. Marts have no nested types."""
    kinds = {field.name: field.dataType.simpleString() for field in table.drop("row_bucket").schema.fields}
    columns = [f"CAST(NULL AS {kind.removesuffix('_ntz')}) AS {quote(name)}" for name, kind in kinds.items()]
    with duckdb.connect() as con:
        raw.write(con, f"SELECT {', '.join(columns)} LIMIT 0", target)


def write_duckdb(settings: Settings, manifest: Manifest, folder: Path) -> None:
    """The DuckDB file, built by dbt itself, so that types, comments, views and macros have their usual source.

    Only the tables' SQL differs: it reads Parquet. An earlier file is replaced.
    """
    seeds: set[str] = set()
    for name, node in marts_of(manifest).items():
        if node.config.materialized.endswith("view"):
            # The published macros are rendered from the rows of a seed.
            seeds |= {manifest.nodes[parent].name for parent in node.depends_on.nodes if parent.startswith("seed.")}
        else:
            node.raw_code = f"select * from read_parquet({literal(f'{folder / name}/*.parquet')})"
            node.config.materialized = "table"
            node.depends_on.nodes.clear()
            node.refs.clear()
    settings.marts_build.unlink(missing_ok=True)
    build = dbt.build(
        replace(settings, target="duckdb"),
        manifest=manifest,
        select=["path:models/marts", *sorted(seeds)],
        exclude_types=["test"],
    )
    build.require_success()


def copy_views(settings: Settings, marts: Mapping[str, ModelNode], folder: Path) -> None:
    """The views as Parquet, from the DuckDB file, which has them as well.

    Spark took 60 of 445 seconds of a build of a million sessions for that, and an incremental build had to make every
    view in Spark first.
    """
    with duckdb.connect(str(settings.marts_build), read_only=True) as con:
        con.execute(f"SET memory_limit = {literal(settings.duckdb_memory)}")
        con.execute(f"SET temp_directory = {literal(str(settings.spark_dir / 'spill'))}")
        con.execute("SET preserve_insertion_order = false")
        for name, node in marts.items():
            if node.config.materialized == "view":
                raw.write(con, f"FROM {quote(name)}", folder / name)
