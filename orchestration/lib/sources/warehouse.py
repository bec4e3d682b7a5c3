"""What the warehouse says of the live sources: which of their files it has landed, which rows it holds.

The watermark of an extraction is stored nowhere. It is read off the warehouse's own list of landed files, which
changes in the transaction that loads their rows: it moves only after the load has committed, and a warehouse that is
lost, rebuilt or brought back from a backup gets exactly what it lacks.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from orchestration.lib import lock
from orchestration.lib.landing.contract import literal
from orchestration.lib.settings import Settings


@contextmanager
def attached(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[None]:
    """The warehouse beside what the connection has, as `warehouse`, to be read only; nothing when there is none yet.

    Only for as long as it takes to read: between two runs that write, and nobody can write meanwhile.
    """
    with lock.exclusive(settings.writer_lock, "a live source"):
        if not settings.warehouse.exists():
            yield
            return
        connection.execute(f"attach {literal(str(settings.warehouse))} as warehouse (read_only)")
        try:
            yield
        finally:
            connection.execute("detach warehouse")


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        "select count(*) from duckdb_tables() where database_name = 'warehouse' and schema_name = ? and table_name = ?",
        [schema, table],
    ).fetchall()
    return bool(found[0][0])


def landed_names(settings: Settings, folder: str) -> list[str]:
    """Names of the files of one landing folder (`salesforce/Task`) whose rows are in the warehouse."""
    with duckdb.connect() as connection, attached(connection, settings):
        if not has_table(connection, "landing", "files"):
            return []
        rows = connection.execute(
            "select distinct path from warehouse.landing.files where starts_with(path, ? || '/')", [folder]
        ).fetchall()
    return [path.rsplit("/", 1)[-1] for (path,) in rows]
