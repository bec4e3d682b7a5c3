"""Makes Dagster's own record of runs cheaper than the run.

Dagster reopens its SQLite files for every event, a thousand times in a run of a few hundred tables and tests.

- SQLite waits for the disk at every commit and, if no one else has the file open, at every close: a hundred models
  cost 20 s on a busy machine, 5 s without. In WAL mode `synchronous = NORMAL` is safe against corruption; a power cut
  may cost the last events of a run's record.
- SQLAlchemy keeps compiled statements with the engine, which is a new one every time: compiling the same few statements
  again and again took half of the time that an event costs.
- A run first announces every table and test. Dagster offers these events as a batch, which its SQLite storage writes
  one by one: 1.4 CPU seconds of each run, 0.4 in one transaction.
"""

import os
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from sqlalchemy import Connection, Engine, NullPool, create_engine, event

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
        os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")
        setattr(SqliteEventLogStorage, "store_event_batch", _store_event_batch)  # noqa: B010


def _store_event_batch(storage: SqliteEventLogStorage, events: Sequence[EventLogEntry]) -> None:
    """Stores events of one run in one transaction per file. If it fails, Dagster stores them one by one."""
    connect, thread = storage._connect, threading.get_ident()
    connections: dict[str, Connection] = {}
    for shard in (events[0].run_id, INDEX_SHARD_NAME):
        with connect(shard):  # creates the file
            pass
    with storage._db_lock, ExitStack() as open_until_the_end:
        for shard in (events[0].run_id, INDEX_SHARD_NAME):
            engine = create_engine(storage.conn_string_for_shard(shard), poolclass=NullPool)
            connections[shard] = open_until_the_end.enter_context(engine.begin())

        def shared(shard: str) -> AbstractContextManager[Connection]:
            return nullcontext(connections[shard]) if threading.get_ident() == thread else connect(shard)

        setattr(storage, "_connect", shared)  # noqa: B010
        open_until_the_end.callback(delattr, storage, "_connect")
        for one in events:
            storage.store_event(one)


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
