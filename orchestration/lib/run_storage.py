"""Keeps Dagster's own record of runs from waiting for the disk at every event.

Dagster opens its SQLite files anew for every event, and SQLite waits for the disk at every commit and, when nobody
else has the file open, at every close: a hundred models cost 20 s on a busy machine, 5 s without. In WAL
mode `synchronous = NORMAL` is safe against corruption; a power cut may cost the last events of a run's record.
"""

import sqlite3
from typing import Any

from sqlalchemy import Engine, event

_held_open: dict[str, sqlite3.Connection] = {}


def relax() -> None:
    """Applies to every SQLite file that this process opens through SQLAlchemy from now on."""
    if not event.contains(Engine, "connect", _on_connect):
        event.listen(Engine, "connect", _on_connect)


def _on_connect(connection: Any, _: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.execute("PRAGMA synchronous = NORMAL")
    [(_, _, path)] = connection.execute("PRAGMA database_list").fetchall()
    if path and path not in _held_open:
        # A second connection: closing the other one is then no reason to write the log back to the file.
        held = sqlite3.connect(path, check_same_thread=False)
        held.execute("PRAGMA journal_mode = WAL")
        held.execute("SELECT count(*) FROM sqlite_master").fetchone()
        _held_open[path] = held
