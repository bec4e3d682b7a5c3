"""The marts for readers: a folder of Parquet per mart, and the DuckDB file that analysts open.

Spark's part (derived.py) is linked as Parquet. dbt builds the file from it on DuckDB, and computes the rest there.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import duckdb
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode

from orchestration.lib.build import dbt
from orchestration.lib.build.execution import call_dbt
from orchestration.lib.engines.spark import derived, raw
from orchestration.lib.errors import UserError
from orchestration.lib.landing.contract import quote
from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession  # pyright: ignore[reportMissingImports]


def marts_of(manifest: Manifest) -> dict[str, ModelNode]:
    """The models that are published, by name."""
    models = (node for node in manifest.nodes.values() if isinstance(node, ModelNode))
    return {node.name: node for node in models if derived.is_mart(node)}


def write(
    spark: "SparkSession",
    settings: Settings,
    built: Manifest,
    *,
    tests_views: bool = True,
    on_node: Callable[[dbt.NodeResult], None] = lambda node: None,
    **options: Any,
) -> dbt.BuildResult:
    """Writes both from what Spark has built. The result contains what DuckDB built and tested, and whatever failed."""
    folder, scratch = settings.spark_dir / "marts", settings.spark_dir / "derived"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(scratch, ignore_errors=True)

    def parse() -> Manifest:
        return dbt.parse(replace(settings, target="duckdb"))

    manifest = parse()
    own = derived.of(manifest, tests_views)
    copied = derived.read_by(manifest, own).keys()
    # Not what describes the DuckDB file, which Spark's project does not have.
    reported = {name for name in own if not built.disabled.keys() & {name, *manifest.nodes[name].depends_on_nodes}}
    derived_marts = [name for name, node in marts_of(manifest).items() if node.unique_id in reported]

    def is_reported(node: dbt.NodeResult) -> bool:
        """Spark's result already contains the tables that are only copied."""
        return node.unique_id in reported or node.failed or node.warned

    try:
        for name, node in built.nodes.items():
            if name in copied and isinstance(node, ModelNode):
                link_parquet(spark, node, _place(node, folder, scratch))
        result = write_duckdb(
            settings,
            parse,
            own,
            folder,
            scratch,
            manifest=manifest,
            on_node=lambda node: on_node(node) if is_reported(node) else None,
            **options,
        )
    finally:
        # It contains personal data.
        shutil.rmtree(scratch, ignore_errors=True)
    if result.ok:
        write_derived(settings, derived_marts, folder)
    return dbt.BuildResult(tuple(filter(is_reported, result.nodes)))


def _place(model: ModelNode, folder: Path, scratch: Path) -> Path:
    return (folder if derived.is_mart(model) else scratch / "inputs") / model.name


def link_parquet(spark: "SparkSession", model: ModelNode, target: Path) -> None:
    """What Spark built as a folder of Parquet, as hard links.

    A stored mart of a format of which not every row of a file counts is written, and so are views and tables without
    rows, which have no files.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    name, is_parquet = f"{model.schema}.{model.name}", model.config.get("file_format") == "parquet"
    table = spark.table(name)
    if model.config.materialized == "view" or (model.config.materialized == "by_component" and not is_parquet):
        write_rows(table, target)
        return
    if is_parquet:
        files = [unquote(urlsplit(file).path) for file in table.inputFiles()]
    else:
        files = [file.removeprefix("file:") for (file,) in spark.sql(f"SELECT file_path FROM {name}.files").collect()]
    if not files:
        _write_empty(table, target)
    for file in files:
        target.mkdir(exist_ok=True)
        os.link(file, target / Path(file).name)


def write_rows(rows: "DataFrame", target: Path) -> None:
    """What Spark reads, as a folder of Parquet of its own."""
    rows.write.parquet(str(target))
    for beside in (*target.glob(".*.crc"), *target.glob("_SUCCESS")):
        beside.unlink()


def _write_empty(table: "DataFrame", target: Path) -> None:
    """A file without rows, by DuckDB: for Spark it would be a job like any other. No model has nested types."""
    kinds = {field.name: field.dataType.simpleString() for field in table.schema.fields}
    columns = [f"CAST(NULL AS {kind.removesuffix('_ntz')}) AS {quote(name)}" for name, kind in kinds.items()]
    with duckdb.connect() as con:
        raw.write(con, f"SELECT {', '.join(columns)} LIMIT 0", target)


def write_duckdb(
    settings: Settings,
    parse: Callable[[], Manifest],
    own: set[str],
    folder: Path,
    scratch: Path,
    *,
    manifest: Manifest | None = None,
    **options: Any,
) -> dbt.BuildResult:
    """The DuckDB file, built and tested by dbt itself, so that types, comments, views and macros have their usual
    source.

    Only the SQL of what Spark has built differs: it reads Parquet. What the file is made of beside marts goes to a
    warehouse in `scratch`. The file replaces an earlier one, even if a test failed, as on DuckDB.
    """
    # dbt parses the name of the warehouse into every relation.
    there = replace(settings, target="duckdb", warehouse=scratch / "warehouse" / settings.warehouse.name)

    def part_of(manifest: Manifest) -> Manifest:
        read_parquet(manifest, own, folder, scratch)
        return manifest

    result = call_dbt(there, lambda: part_of(parse()), manifest=part_of(manifest or parse()), **options)
    if there.marts_build.exists():  # Not if a hook at the start failed.
        replace_file(settings.marts_build, there.marts_build)
    return result


def replace_file(file: Path, complete: Path) -> None:
    """Replaces a DuckDB file with a complete one. DuckDB would apply the write-ahead log of the one to the other."""
    if Path(f"{complete}.wal").exists():
        raise UserError(f"DuckDB could not complete {complete}. Is the disk full? Run `make build` again.")
    Path(f"{file}.wal").unlink(missing_ok=True)
    os.replace(complete, file)


def read_parquet(manifest: Manifest, own: set[str], folder: Path, scratch: Path) -> None:
    """Leaves DuckDB's part of a project parsed for DuckDB, the seeds that it reads, and Spark's tables as Parquet."""
    copied = derived.read_by(manifest, own)
    seeds = {parent for name in own for parent in manifest.nodes[name].depends_on_nodes if parent.startswith("seed.")}
    for name, node in list(manifest.nodes.items()):
        if node.resource_type in ("model", "seed", "test") and name not in own | seeds | copied.keys():
            del manifest.nodes[name]
    # Some of them test models that are gone. A build runs no unit tests.
    manifest.unit_tests.clear()
    for node in copied.values():
        node.raw_code = f"select * from {raw.parquet(_place(node, folder, scratch))}"
        node.config.materialized = "one_statement_table" if derived.is_mart(node) else "one_statement_view"
        node.depends_on.nodes.clear()
        node.refs.clear()


def write_derived(settings: Settings, names: Iterable[str], folder: Path) -> None:
    """The marts that DuckDB has computed as Parquet, from its file."""
    with raw.connect(settings, str(settings.marts_build), read_only=True) as con:
        for name in names:
            raw.write(con, f"FROM {quote(name)}", folder / name)
