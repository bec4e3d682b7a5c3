"""The tables that increments go on from, kept from one finished build to the next.

Spark's catalog ends with the process, and an overwrite that is killed can leave a partition that is in no place. So
the tables of a finished build are kept aside, as hard links (Spark never writes into a file that is there) beside the
statements that make them. An increment starts from those: of a build that broke off nothing is left.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

# Spark's own notes beside its files.
_NOTES = shutil.ignore_patterns(".*", "_SUCCESS", "_temporary")


def kept_dir(settings: Settings) -> Path:
    """Where the tables of the last finished build are; a full build is needed where it is missing."""
    return settings.spark_dir / "finished"


def keep(spark: "SparkSession", settings: Settings, manifest: "Manifest") -> None:
    """Puts the tables of a build that has ended well in the place of those before."""
    kept = kept_dir(settings)
    part = kept.with_name(f".{kept.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    for schema, table in _carried(manifest):
        [(statement,)] = spark.sql(f"SHOW CREATE TABLE {schema}.{table}").collect()
        _link(settings.spark_dir / "tables" / schema / table, part / schema / table)
        (part / schema / f"{table}.sql").write_text(statement, encoding="utf-8")
    replace_folder(kept, part)


def replace_folder(folder: Path, part: Path) -> None:
    """Puts a complete folder in the place of another: at any time one of them is there whole, or none is."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.rename(folder, old)
    os.rename(part, folder)
    shutil.rmtree(old, ignore_errors=True)


def restore(spark: "SparkSession", settings: Settings) -> None:
    """Makes them known to a session that knows no table yet."""
    for made_by in sorted(kept_dir(settings).glob("*/*.sql")):
        schema, table = made_by.parent.name, made_by.stem
        statement = made_by.read_text(encoding="utf-8")
        # Before the files are there: a table of its own takes no folder that is not empty.
        spark.sql(statement)
        _link(made_by.with_suffix(""), settings.spark_dir / "tables" / schema / table)
        if "PARTITIONED BY" in statement:
            spark.sql(f"MSCK REPAIR TABLE {schema}.{table}")


def _carried(manifest: "Manifest") -> Iterator[tuple[str, str]]:
    """What an increment reads of the build before: seeds, kept models, and what is compared with how it was."""
    for node in manifest.nodes.values():
        if (
            node.resource_type == "seed"
            or node.config.materialized == "incremental"
            or node.config.get("meta", {}).get("is_compared")
        ):
            yield node.schema, node.alias


def _link(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=os.link, ignore=_NOTES, dirs_exist_ok=True)
