"""Errors that landing shows to the user."""

import duckdb

from orchestration.lib.errors import UserError
from orchestration.lib.terminal import printable

# The disk or the memory, not the data.
STORAGE_ERRORS = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.TransactionException,
    duckdb.FatalException,
)


RESTORE = "Restore the warehouse from a backup, or move it away and land all files again."


class LandingError(UserError):
    """Something in the landing folder or the warehouse stops a table: what, where, what to do.

    Never contains row content: messages end up in logs, and raw text is personal data. So no message of DuckDB is part
    of it, only the reason in our words (lib/errors.py). One line, whatever the names of files contain.
    """

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))
