"""The Snowflake target's tests: `make test-snowflake`, on an emulator, in an environment of its own."""

import importlib.util
import logging
import warnings
from collections.abc import Iterator

import duckdb
import pytest

MISSING = [name for name in ("fakesnow", "dbt.adapters.snowflake") if importlib.util.find_spec(name) is None]

# Nothing here can even be imported without them.
collect_ignore_glob = ["test_*.py"] if MISSING else []


@pytest.fixture(scope="session")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    """The DuckDB below the emulator, to which dbt connects meanwhile."""
    from tests.snowflake.emulator import emulator

    # It warns of every statement that it passes over, and of every result.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
    with emulator() as below:
        yield below
