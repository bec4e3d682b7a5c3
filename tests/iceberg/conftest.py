"""Tests of Iceberg's tables: `make test-iceberg`, on Iceberg's own Spark, in an environment of its own."""

import importlib.util
import tempfile
from pathlib import Path

import pytest

from tests.engines import small_spark
from tests.engines.small_spark import spark_can_start

__all__ = ["conf", "spark_can_start"]

MISSING = importlib.util.find_spec("snowpark_connect_deps_iceberg") is None

# Nothing here can run without it.
collect_ignore_glob = ["test_*.py"] if MISSING else []

CONF = tempfile.TemporaryDirectory(prefix="spark-conf-")

if not MISSING:
    from tests.iceberg.library import jars

    # As a user names the library; the rest is what suits many small builds, and before the session starts.
    small = (small_spark.CONF / "spark-defaults.conf").read_text()
    named = f"spark.jars {','.join(map(str, jars(Path(CONF.name))))}\n"
    Path(CONF.name, "spark-defaults.conf").write_text(small + named)
    small_spark.configure(Path(CONF.name))


@pytest.fixture
def conf() -> Path:
    """The folder that names the library."""
    return Path(CONF.name)
