"""What the warehouse contains of the live sources: landed files and rows.

The watermark of an extraction is not stored. It is computed from the warehouse's load history, which changes in the
transaction that loads the rows. So it moves only after the load has committed, and a warehouse that is lost, rebuilt or
restored from a backup receives exactly the data that it lacks.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from orchestration.lib import lock
from orchestration.lib.landing.contract import literal
from orchestration.lib.settings import Settings


@contextmanager
def attached(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[None]:
    """Attaches the warehouse as `warehouse`, read-only; does nothing if it does not exist yet.

    Only while the caller reads: it waits for a run that writes, and no run can write meanwhile.
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
