"""What the warehouse says of the live sources: which of their files it has landed, which rows it holds.

The watermark of an extraction is stored nowhere. It is read off the warehouse's own list of landed files, which
changes in the transaction that loads their rows: it moves only after the load has committed, and a warehouse that is
lost, rebuilt or brought back from a backup gets exactly what it lacks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb


@contextmanager
def reading(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse that cannot change it; an empty database when there is none yet."""
    connection = duckdb.connect(str(warehouse), read_only=True) if warehouse.exists() else duckdb.connect()
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    return bool(
        connection.execute(
            "select count(*) from information_schema.tables where table_schema = ? and table_name = ?",
            [schema, table],
        ).fetchall()[0][0]
    )


def landed_names(warehouse: Path, folder: str) -> list[str]:
    """Names of the files of one landing folder (`salesforce/Task`) whose rows are in the warehouse."""
    with reading(warehouse) as connection:
        if not has_table(connection, "landing", "files"):
            return []
        rows = connection.execute(
            "select path from landing.files where starts_with(path, ? || '/')", [folder]
        ).fetchall()
    return [path.rsplit("/", 1)[-1] for (path,) in rows]
