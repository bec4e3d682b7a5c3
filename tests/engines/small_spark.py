"""A Spark session as it suits many small builds; where it cannot start, tests are skipped."""

import os
from pathlib import Path

import pytest

from orchestration.lib.build import spark_requirements
from orchestration.lib.settings import PROJECT_DIR

CONF = PROJECT_DIR / "tests" / "spark" / "conf"


def configure(conf: Path) -> None:
    """To be called before the session starts; a user sets the first for his machine. Compiling less saves more than it
    costs here."""
    os.environ["SPARK_CONF_DIR"] = str(conf)
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m")


@pytest.fixture(scope="session", autouse=True)
def spark_can_start() -> None:
    """Tests beside the conftest.py that imports this are skipped, with the reason, where Java or pyspark is missing."""
    try:
        spark_requirements.check()
    except spark_requirements.SparkMissing as missing:
        pytest.skip(str(missing))
