"""Tests of Iceberg's tables: `make test-iceberg`, on Iceberg's own Spark, in an environment of its own."""

import importlib.util
import os
import tempfile
from pathlib import Path

import pytest

from orchestration.lib.settings import PROJECT_DIR
from orchestration.lib.spark import session

MISSING = importlib.util.find_spec("snowpark_connect_deps_iceberg") is None

# Nothing here can run without it.
collect_ignore_glob = ["test_*.py"] if MISSING else []

CONF = tempfile.TemporaryDirectory(prefix="spark-conf-")

if not MISSING:
    from tests.iceberg.library import jars

    # As a user names the library; the rest is what suits many small builds, and before the session starts.
    small = (PROJECT_DIR / "tests" / "spark" / "conf" / "spark-defaults.conf").read_text()
    named = f"spark.jars {','.join(map(str, jars(Path(CONF.name))))}\n"
    Path(CONF.name, "spark-defaults.conf").write_text(small + named)
    os.environ["SPARK_CONF_DIR"] = CONF.name
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m")


@pytest.fixture(scope="session", autouse=True)
def spark_can_start() -> None:
    """Everything here is skipped, with the reason, where Java is missing."""
    try:
        session.check()
    except session.SparkMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def conf() -> Path:
    """The folder that names the library."""
    return Path(CONF.name)
