"""The Spark target's tests: `make test-spark`. One session for all of them, set for many small builds."""

import os
from pathlib import Path

import pytest

from orchestration.lib.spark import session

# Before the session starts; a user sets the first for his machine. Compiling less saves more than it costs here.
os.environ["SPARK_CONF_DIR"] = str(Path(__file__).parent / "conf")
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m")

# What takes minutes begins first, so that two processes end together (Makefile: a test at a time).
LONGEST_FIRST = ("test_increments_equal", "test_the_sample_company", "test_every_mart_equals")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        found = (number for number, name in enumerate(LONGEST_FIRST) if item.name.startswith(name))
        return next(found, len(LONGEST_FIRST))

    items.sort(key=place)
    # Each of two processes is handed two tests at first: the longest two are not to be one's.
    items[1:3] = reversed(items[1:3])


@pytest.fixture(scope="session", autouse=True)
def spark_can_start() -> None:
    """Everything here is skipped, with the reason, where Java or pyspark is missing."""
    try:
        session.check()
    except session.SparkMissing as missing:
        pytest.skip(str(missing))
