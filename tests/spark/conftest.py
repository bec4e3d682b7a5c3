"""The Spark target's tests: `make test-spark`. One session for all of them, set for many small builds."""

import pytest

from tests.engines.small_spark import CONF, configure, spark_can_start

__all__ = ["spark_can_start"]

configure(CONF)

# What takes minutes begins first, so that two processes end together (Makefile: a test at a time).
LONGEST_FIRST = ("test_incremental_builds_equal", "test_the_sample_dataset", "test_every_mart_equals")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        found = (number for number, name in enumerate(LONGEST_FIRST) if item.name.startswith(name))
        return next(found, len(LONGEST_FIRST))

    items.sort(key=place)
    # Each of two processes is handed two tests at first: the longest two are not to be one's.
    items[1:3] = reversed(items[1:3])
