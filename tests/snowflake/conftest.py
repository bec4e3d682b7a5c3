"""The Snowflake target's tests: `make test-snowflake`, on an emulator, in an environment of its own."""

import importlib.util
import logging
from collections.abc import Iterator

import duckdb
import pytest

MISSING = [name for name in ("fakesnow", "dbt.adapters.snowflake") if importlib.util.find_spec(name) is None]

# Nothing here can even be imported without them.
collect_ignore_glob = ["test_*.py"] if MISSING else []


def pytest_configure(config: pytest.Config) -> None:
    # DuckDB warns of the way in which the emulator fetches every result.
    config.addinivalue_line("filterwarnings", "ignore:Arrow output on a DB-API result")


@pytest.fixture(scope="session")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    """The DuckDB below the emulator, to which dbt connects meanwhile."""
    from tests.snowflake.emulator import emulator

    # It warns of every statement that it passes over.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    with emulator() as below:
        yield below
