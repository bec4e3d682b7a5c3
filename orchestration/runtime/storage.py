"""Makes Dagster's own record of runs cheaper than the run.

Dagster reopens its SQLite files for every event, a thousand times in a run of a few hundred tables and tests.

- SQLite waits for the disk at every commit and, if no one else has the file open, at every close: a hundred models
  cost 20 s on a busy machine, 5 s without. In WAL mode `synchronous = NORMAL` is safe against corruption; a power cut
  may cost the last events of a run's record.
- SQLAlchemy keeps compiled statements with the engine, which is a new one every time: compiling the same few statements
  again and again took half of the time that an event costs.
"""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, event

_held_open: dict[str, sqlite3.Connection] = {}


class _CompiledStatements(dict[Any, Any]):
    """Compiled statements, by everything that determines them except the engine's dialect, which is always SQLite's."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


_compiled = _CompiledStatements()


def relax() -> None:
    """Applies to every SQLite file that this process opens through SQLAlchemy from now on."""
    if not event.contains(Engine, "connect", _on_connect):
        event.listen(Engine, "connect", _on_connect)
        event.listen(Engine, "engine_connect", _share_statements)


def _share_statements(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execution_options(compiled_cache=_compiled)


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
