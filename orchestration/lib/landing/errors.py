"""Errors that landing shows to the user."""

import duckdb

from orchestration.lib.errors import UserError

# The disk or the memory, not the data.
STORAGE_ERRORS = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.TransactionException,
    duckdb.FatalException,
)


class LandingError(UserError):
    """Something in the landing folder or the warehouse stops a table: what, where, what to do.

    Never contains row content: messages end up in logs, and raw text is personal data.
    """


def first_line(error: Exception) -> str:
    """DuckDB's message without its further lines, which quote the data."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
