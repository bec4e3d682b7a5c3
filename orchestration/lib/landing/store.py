"""What landing keeps in the warehouse: raw tables, and the control tables in the schema `landing`."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.lib.errors import reason_of
from orchestration.lib.landing.contract import RESERVED_NAMES, TECHNICAL_COLUMNS, Names, SourceTable, quote
from orchestration.lib.landing.errors import RESTORE, LandingError
from orchestration.lib.landing.files import SourceFile, Stamp
from orchestration.lib.settings import Settings, duckdb_memory

_CONTROL_TABLES = """
CREATE SCHEMA IF NOT EXISTS landing;

-- One row per file and content. `path` is relative to the landing folder; `revision` counts the contents of one path.
CREATE TABLE IF NOT EXISTS landing.files (
    path VARCHAR, revision INTEGER, sha256 VARCHAR, source VARCHAR, table_name VARCHAR, format VARCHAR,
    columns VARCHAR[], rows_read BIGINT, landed BIGINT, superseded BIGINT, unchanged BIGINT, quarantined BIGINT,
    uncast BIGINT, load_id BIGINT, landed_at TIMESTAMP,
    size BIGINT, mtime_ns BIGINT, ctime_ns BIGINT, hashed_at_ns BIGINT
);

-- Records that cannot be used, unchanged. Raw text is personal data: it stays in the warehouse.
CREATE TABLE IF NOT EXISTS landing.quarantine (
    source VARCHAR, table_name VARCHAR, path VARCHAR, revision INTEGER, line BIGINT, reason VARCHAR, raw_text VARCHAR,
    load_id BIGINT, landed_at TIMESTAMP
);

-- Values that cannot be read as their column's type: downstream they are null.
CREATE TABLE IF NOT EXISTS landing.uncast_values (
    source VARCHAR, table_name VARCHAR, column_name VARCHAR, path VARCHAR, revision INTEGER, line BIGINT,
    value VARCHAR, load_id BIGINT
);

-- How the derived columns of a raw table were computed (a change recomputes them), and the load id of the last landing
-- run that changed the table.
CREATE TABLE IF NOT EXISTS landing.tables (source VARCHAR, table_name VARCHAR, signature VARCHAR, load_id BIGINT);

-- Versions of raw rows that newer ones replaced, with the load that replaced them (history.py); `content` is the filled
-- columns as JSON. A warehouse of an earlier release has them from the load on that the second table names.
CREATE TABLE IF NOT EXISTS landing.earlier_versions (
    source VARCHAR, table_name VARCHAR, until_load BIGINT, content VARCHAR,
    _row_key VARCHAR, _version_at TIMESTAMP, _is_deleted BOOLEAN, _source_file VARCHAR, _source_revision INTEGER,
    _source_line BIGINT, _loaded_at TIMESTAMP, _load_id BIGINT, _content_hash UBIGINT
);
CREATE TABLE IF NOT EXISTS landing.history_begins AS SELECT coalesce(max(load_id), 0) AS load_id FROM landing.tables;

-- The build history: one row per build, with the rows that it included (load ids up to `through_load`) and a digest of
-- its fingerprint. `finished_at` is null for an interrupted build: it was killed, or a model or test failed.
CREATE TABLE IF NOT EXISTS landing.builds (
    build_id BIGINT, kind VARCHAR, through_load BIGINT, fingerprint VARCHAR,
    started_at TIMESTAMP, finished_at TIMESTAMP
);

-- What landed rows name, as numbers (lib/build/components.py): the rows of the last finished build, and of builds since
-- then that did not finish.
CREATE TABLE IF NOT EXISTS landing.links (row_node UBIGINT, node UBIGINT, is_lookup BOOLEAN);

-- The parts of the last finished build's fingerprint, to name the one that changed, and the texts of its seeds.
CREATE TABLE IF NOT EXISTS landing.build_parts (part VARCHAR, value VARCHAR);
CREATE TABLE IF NOT EXISTS landing.build_seeds (seed VARCHAR, text VARCHAR);
"""

# Each ALTER copies the list of columns: 2,000 of them took 3.8 s. More than these are added by one copy of the table.
FEW_COLUMNS = 100

# Columns that an earlier version named otherwise, in control tables and in raw tables.
_RENAMED = {"batch_id": "load_id", "through_batch": "through_load", "_batch_id": "_load_id"}


@contextmanager
def connect(warehouse: Path, memory: str = duckdb_memory(Settings.memory_limit)) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens the warehouse for writing, with this memory for DuckDB. At the end, everything is in the file itself."""
    try:
        warehouse.parent.mkdir(parents=True, exist_ok=True)
        con = duckdb.connect(
            str(warehouse),
            config={
                "memory_limit": memory,
                "temp_directory": f"{warehouse}.spill",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
    except (duckdb.Error, OSError) as error:
        reason = reason_of(error)
        advice = "Close the program that has it open, or allow writing in its folder."
        if "damaged" in reason:
            advice = RESTORE
        raise LandingError(f"The warehouse {warehouse} cannot be opened for writing: {reason}. {advice}") from error
    try:
        con.execute("SET TimeZone = 'UTC'")
        _upgrade(con)
        con.execute(_CONTROL_TABLES)
        yield con
    finally:
        con.close()


def _upgrade(con: duckdb.DuckDBPyConnection) -> None:
    """Renames the columns of a warehouse that an earlier version of this project landed; rows stay as they are."""
    found = con.execute(
        """
        SELECT schema_name, table_name, column_name, columns
        FROM (
            SELECT *, list(column_name) OVER (PARTITION BY table_oid) AS columns
            FROM duckdb_columns()
            WHERE database_name = current_database() AND NOT internal
        )
        SEMI JOIN duckdb_tables() USING (database_name, schema_name, table_name)
        WHERE (schema_name = 'landing' AND column_name IN ('batch_id', 'through_batch'))
            OR (schema_name LIKE 'raw\\_%' ESCAPE '\\' AND column_name = '_batch_id')
        """
    ).fetchall()
    if not found:
        return
    with transaction(con):
        for schema, table, old, columns in found:
            alter = f"ALTER TABLE {quote(schema)}.{quote(table)} RENAME"
            for column in columns:
                # A column from a file, to which that version gave the name that landing needs now.
                if column.lower() == _RENAMED[old]:
                    con.execute(f"{alter} {quote(column)} TO {quote(f'{column}_')}")
            con.execute(f"{alter} {quote(old)} TO {quote(_RENAMED[old])}")


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    con.execute("BEGIN TRANSACTION")
    try:
        yield
        con.execute("COMMIT")
    except BaseException:
        # A failed COMMIT has rolled back already, a broken database cannot.
        with suppress(duckdb.Error):
            con.execute("ROLLBACK")
        raise


@dataclass(frozen=True)
class KnownFile:
    """A content that a path has had, as recorded when it landed."""

    path: str
    revision: int
    sha256: str
    columns: tuple[str, ...]
    stamp: Stamp
    hashed_at_ns: int


def raw_table(table: SourceTable) -> str:
    return f"{quote(table.schema)}.{quote(table.name)}"


def stage_table(table: SourceTable) -> str:
    """In the schema of the raw table, because it can become the raw table."""
    return f"{quote(table.schema)}.{quote(table.name + '__loading')}"


def prepare(con: duckdb.DuckDBPyConnection, table: SourceTable) -> Names:
    """Creates the raw table with the contract's columns and removes what a killed run left behind."""
    create_if_missing(con, table)
    con.execute(f"DROP TABLE IF EXISTS {stage_table(table)}")
    existing = [row[0] for row in con.execute(f"DESCRIBE {raw_table(table)}").fetchall()]
    extras = [name for name in existing if name not in TECHNICAL_COLUMNS]
    names = Names(table, extras)
    for name in extras:
        # The contract now has a column that a file had under another spelling, or an earlier version of landing still
        # gave this name to columns of files (rowid).
        if names.get(name) != name:
            con.execute(f"ALTER TABLE {raw_table(table)} RENAME {quote(name)} TO {quote(names.add(name))}")
    with transaction(con):
        add_columns(con, table, names)
    return names


def create_if_missing(con: duckdb.DuckDBPyConnection, table: SourceTable) -> None:
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(table.schema)}")
    create(con, raw_table(table), Names(table), if_not_exists=True)


def create(con: duckdb.DuckDBPyConnection, name: str, names: Names, if_not_exists: bool = False) -> None:
    if taken := [column for column in names.all if column.lower() in RESERVED_NAMES]:
        raise LandingError(f"{name}: a column of a file has the name {taken[0]}, which landing needs.")
    columns = [f"{quote(column)} VARCHAR" for column in names.all]
    columns += [f"{quote(column)} {data_type}" for column, data_type in TECHNICAL_COLUMNS.items()]
    con.execute(f"CREATE TABLE {'IF NOT EXISTS' if if_not_exists else ''} {name} ({', '.join(columns)})")


def add_columns(con: duckdb.DuckDBPyConnection, table: SourceTable, names: Names) -> None:
    """Adds columns that are new in the contract or in a file: null in existing rows. In the caller's transaction."""
    existing = {row[0].lower() for row in con.execute(f"DESCRIBE {raw_table(table)}").fetchall()}
    new = [name for name in names.all if name.lower() not in existing]
    if new and not count_rows(con, table):
        # Each ALTER copies the list of columns.
        con.execute(f"DROP TABLE {raw_table(table)}")
        create(con, raw_table(table), names)
        return
    if len(new) <= FEW_COLUMNS:
        for name in new:
            con.execute(f"ALTER TABLE {raw_table(table)} ADD COLUMN {quote(name)} VARCHAR")
        return
    wider = f"{quote(table.schema)}.{quote(table.name + '__wider')}"
    added = ", ".join(f"NULL::VARCHAR AS {quote(name)}" for name in new)
    con.execute(f"CREATE TABLE {wider} AS SELECT *, {added} FROM {raw_table(table)}")
    con.execute(f"DROP TABLE {raw_table(table)}")
    con.execute(f"ALTER TABLE {wider} RENAME TO {quote(table.name)}")


def count_rows(con: duckdb.DuckDBPyConnection, table: SourceTable) -> int:
    return con.execute(f"SELECT count(*) FROM {raw_table(table)}").fetchall()[0][0]


def known_files(con: duckdb.DuckDBPyConnection, table: SourceTable) -> list[KnownFile]:
    rows = con.execute(
        """
        SELECT path, revision, sha256, columns, size, mtime_ns, ctime_ns, hashed_at_ns
        FROM landing.files
        WHERE source = $source AND table_name = $name
        ORDER BY path, revision
        """,
        {"source": table.source, "name": table.name},
    ).fetchall()
    return [
        KnownFile(path, revision, digest, tuple(columns), Stamp(size, mtime, ctime), hashed)
        for path, revision, digest, columns, size, mtime, ctime, hashed in rows
    ]


def remember_stamp(con: duckdb.DuckDBPyConnection, file: SourceFile, digest: str, hashed_at_ns: int) -> None:
    """Records a new time stamp of known content, so that the next run does not read the file again."""
    con.execute(
        """
        UPDATE landing.files SET size = $size, mtime_ns = $mtime, ctime_ns = $ctime, hashed_at_ns = $hashed
        WHERE path = $path AND sha256 = $digest
        """,
        {
            "size": file.stamp.size,
            "mtime": file.stamp.mtime_ns,
            "ctime": file.stamp.ctime_ns,
            "hashed": hashed_at_ns,
            "path": file.name,
            "digest": digest,
        },
    )


def next_load_id(con: duckdb.DuckDBPyConnection) -> int:
    """The number of this landing run; later runs have larger ones."""
    return con.execute("SELECT coalesce(max(load_id), 0) + 1 FROM landing.tables").fetchall()[0][0]


def utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
