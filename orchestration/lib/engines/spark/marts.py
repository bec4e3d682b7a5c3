"""The marts that Spark built, for readers: a folder of Parquet per mart, and the DuckDB file that analysts open."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode

from orchestration.lib.build import dbt
from orchestration.lib.landing.contract import literal
from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]


def marts_of(manifest: Manifest) -> dict[str, ModelNode]:
    """The models that are published, by name."""
    models = (node for node in manifest.nodes.values() if isinstance(node, ModelNode))
    return {node.name: node for node in models if "marts" in node.fqn[:-1]}


def write_parquet(spark: "SparkSession", marts: Mapping[str, ModelNode], folder: Path) -> None:
    """Every mart as a folder of Parquet. What is Parquet already is linked; views, and tables of a format of which not
    every file and row counts, are written.

    The result does not contain the bucket folders of stored marts (macros/engines/spark_materializations.sql). A mart
    without rows has no file, so it is written too.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name, node in marts.items():
        table = f"{node.schema}.{name}"
        target = folder / name
        target.mkdir(parents=True)
        is_parquet = node.config.materialized != "view" and node.config.get("file_format") == "parquet"
        files = spark.table(table).inputFiles() if is_parquet else []
        if not files:
            # Some columns of views have blanks in their names, which Spark allows in files but not in tables.
            spark.table(table).drop("row_bucket").write.mode("overwrite").parquet(str(target))
            for beside in (*target.glob(".*.crc"), *target.glob("_SUCCESS")):
                beside.unlink()
        for number, file in enumerate(files):
            # Several partitions contain the same name.
            source = Path(file.removeprefix("file://"))
            os.link(source, target / f"{number}-{source.name}")


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
