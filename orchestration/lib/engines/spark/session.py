"""One Spark session per process: dbt's adapter uses the session that exists."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.lib.build import spark_requirements
from orchestration.lib.landing.contract import literal
from orchestration.lib.settings import BUILT_SCHEMAS, Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

LOGGING = Path(__file__).with_name("log4j2.properties")
# Bytes of landed Parquet for a shuffle partition. With 64 instead of 4 partitions, the day of a million sessions took
# 462 instead of 374 core-seconds.
PARTITION = 8 * 2**20
# Up to this many landed bytes, Java's quick compiler alone is faster. For a day of a million sessions (43 MB) a build
# takes 211 instead of 247 core-seconds with it.
FEW = 64 * 2**20
QUICK = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=512m"
# Spark's default catalog.
CATALOG = "spark.sql.catalog.spark_catalog"


def start(settings: Settings, landed: int | None = None) -> "SparkSession":
    """The session, started by the first call. profiles.yml contains the settings on which results depend, for every
    kind of Spark. A spark-defaults.conf (SPARK_CONF_DIR) can contain settings for speed; without, they follow from the
    landed bytes that a build reads. Java's options follow from those of the process's first build."""
    spark_requirements.check()
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

    home, catalog = settings.spark_dir, catalog_of(settings)
    home.mkdir(parents=True, exist_ok=True)
    running = SparkSession.getActiveSession()
    if running and any(running.conf.get(name, None) != value for name, value in catalog.items()):
        # A session creates its catalog once, for one folder.
        running.stop()
    java = f"-Dlog4j2.configurationFile={LOGGING.as_uri()}"
    if landed is not None and landed <= FEW:
        java += f" {QUICK}"
    builder = (
        SparkSession.builder.appName("call-attribution")
        .config("spark.driver.memory", f"{max(512, settings.memory_bytes // 2**20)}m")
        # Spark puts them before spark.driver.extraJavaOptions, which are the user's.
        .config("spark.driver.defaultJavaOptions", java)
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
    if landed is not None:
        name, cores = "spark.sql.shuffle.partitions", spark.sparkContext.defaultParallelism
        if not spark.sparkContext.getConf().contains(name):
            spark.conf.set(name, str(max(2 * cores, landed // PARTITION)))
    return spark


def catalog_of(settings: Settings) -> dict[str, str]:
    """Spark's settings for tables of another format. The user supplies the library.

    Iceberg's SQL extensions stay off: with them, a catalog of folders has no views, and nothing here needs them.
    """
    if settings.spark_format == "iceberg":
        return {
            CATALOG: "org.apache.iceberg.spark.SparkSessionCatalog",
            f"{CATALOG}.type": "hadoop",
            f"{CATALOG}.warehouse": str(settings.spark_dir / "tables"),
            # Tables are put in place as files; a cache would not notice that.
            f"{CATALOG}.cache-enabled": "false",
            # Every change of a table writes a metadata file; old ones are removed.
            f"{CATALOG}.table-default.write.metadata.delete-after-commit.enabled": "true",
            f"{CATALOG}.table-default.write.metadata.previous-versions-max": "1",
        }
    return {}


def _check_catalog(spark: "SparkSession", table_format: str, name: str) -> None:
    """Stops if the format's library is missing or made for another Spark. Spark itself ignores that."""
    java: Any = spark
    try:
        catalog = java._jsparkSession.sessionState().catalogManager().v2SessionCatalog()
        found = catalog.getClass().getName()
    except Exception:  # Java reports an unsuitable library in many ways.
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
    """Removes the previous build: drops its tables, and removes files that a killed run left behind."""
    tables = settings.spark_dir / "tables"
    shutil.rmtree(tables, ignore_errors=True)
    for schema in BUILT_SCHEMAS:
        spark.sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        # The session lives as long as the process, but each build names the folder of its tables.
        spark.sql(f"CREATE SCHEMA {schema} LOCATION {literal(str(tables / schema))}")
