"""One Spark session a process: dbt's adapter uses the one that is there."""

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.lib.build import spark_requirements
from orchestration.lib.landing.contract import literal
from orchestration.lib.settings import BUILT_SCHEMAS, Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

LOGGING = Path(__file__).with_name("log4j2.properties")
# The catalog that a session has in any case.
CATALOG = "spark.sql.catalog.spark_catalog"
BYTES = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
BINARY_BYTES = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def start(settings: Settings) -> "SparkSession":
    """The session, started by the first call. What results depend on is said in profiles.yml, for every kind of Spark;
    what speed depends on can be said in a spark-defaults.conf (SPARK_CONF_DIR)."""
    spark_requirements.check()
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

    home, catalog = settings.spark_dir, catalog_of(settings)
    home.mkdir(parents=True, exist_ok=True)
    running = SparkSession.getActiveSession()
    if running and any(running.conf.get(name, None) != value for name, value in catalog.items()):
        # A session makes its catalog once, for one place.
        running.stop()
    builder = (
        SparkSession.builder.appName("call-attribution")
        .config("spark.driver.memory", f"{_megabytes(settings.memory_limit)}m")
        .config("spark.driver.extraJavaOptions", f"-Dlog4j2.configurationFile={LOGGING.as_uri()}")
        .config("spark.local.dir", str(home / "spill"))
        .config("spark.sql.warehouse.dir", str(home / "tables"))
        # Tables are found by their files; a Hive metastore would be a second record of the same state.
        .config("spark.sql.catalogImplementation", "in-memory")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
    )
    for name, value in catalog.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    if catalog:
        _check_catalog(spark, settings.spark_format, catalog[CATALOG])
    return spark


def catalog_of(settings: Settings) -> dict[str, str]:
    """Settings of Spark for tables of another format; the library itself is the user's.

    Iceberg without its SQL extensions: they take views away from a catalog of folders, and nothing here needs them.
    """
    if settings.spark_format == "iceberg":
        return {
            CATALOG: "org.apache.iceberg.spark.SparkSessionCatalog",
            f"{CATALOG}.type": "hadoop",
            f"{CATALOG}.warehouse": str(settings.spark_dir / "tables"),
            # Tables are put in place as files, which a cache would not see.
            f"{CATALOG}.cache-enabled": "false",
            # A table's every change is a file of its own: those of changes long made go.
            f"{CATALOG}.table-default.write.metadata.delete-after-commit.enabled": "true",
            f"{CATALOG}.table-default.write.metadata.previous-versions-max": "1",
        }
    return {}


def _check_catalog(spark: "SparkSession", table_format: str, name: str) -> None:
    """Stops where the format's library is missing or made for another Spark, which Spark itself passes over."""
    java: Any = spark
    try:
        catalog = java._jsparkSession.sessionState().catalogManager().v2SessionCatalog()
        found = catalog.getClass().getName()
    except Exception:  # Whatever Java says of a library that does not fit.
        found = None
    if found != name:
        version = spark.version
        spark.stop()
        raise spark_requirements.SparkMissing(
            f"CALL_ATTRIBUTION_SPARK_FORMAT is {table_format}, and Spark {version} cannot load {name}. Its jar,"
            " made for this version of Spark, is named as spark.jars in the spark-defaults.conf of the folder"
            " SPARK_CONF_DIR (docs/engines.md); without the variable tables are Parquet and no library is needed."
        )


def clear(spark: "SparkSession", settings: Settings) -> None:
    """Nothing is left of the build before: its tables are dropped, and files that a killed run left behind removed."""
    tables = settings.spark_dir / "tables"
    shutil.rmtree(tables, ignore_errors=True)
    for schema in BUILT_SCHEMAS:
        spark.sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        # The session lives as long as the process; where its tables lie is said for each build.
        spark.sql(f"CREATE SCHEMA {schema} LOCATION {literal(str(tables / schema))}")


def _megabytes(memory_limit: str) -> int:
    """DuckDB's way to write a size (8GB, 6GiB) in the way of Java."""
    size = re.fullmatch(r"([\d.]+)\s*([KMGT])(i?)B", memory_limit, re.IGNORECASE)
    assert size, memory_limit  # The settings were checked.
    unit = (BINARY_BYTES if size[3] else BYTES)[size[2].upper()]
    return max(512, int(float(size[1]) * unit / 2**20))
