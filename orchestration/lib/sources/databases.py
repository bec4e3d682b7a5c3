"""Copies new and changed rows of a table in a database or warehouse into the landing folder, with dlt.

Rows come in the order of the cursor, a Parquet file per chunk. A file's name begins with its largest cursor value, so
the watermark is read from the names: of files in the folder and of landed ones. An interrupted run resumes after its
last file, and a warehouse that was deleted gets what it lacks. The last minutes before the watermark are read again,
for transactions that were still open; rows that come again land as unchanged.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib import child
from orchestration.lib.errors import reason_of
from orchestration.lib.landing.contract import SourceTable, literal, quote
from orchestration.lib.settings import Settings
from orchestration.lib.sources import files
from orchestration.lib.sources.configured import Database
from orchestration.lib.sources.errors import LiveSourceError

NAME = re.compile(r"(?P<cursor>\d{8}T\d{6}\d{6}Z)_(?P<at>\d{8}T\d{6}\d{6}Z)_(?P<digest>[0-9a-f]{16})\.parquet")
# The cursor of rows without a usable one.
START = "19700101T000000000000Z"
CHUNK_ROWS = 20_000
# The longest time for which a loader's transaction can be open before its rows are visible.
OVERLAP = timedelta(minutes=15)
# A cursor that is further ahead does not count: one row of a loader with a wrong clock would hide every later change.
AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class Copied:
    """What one run copied of one table; `ahead` rows have a cursor in the future, and every run reads them."""

    files: tuple[str, ...]
    rows: int
    since: str
    ahead: int


def copy(database: Database, url: str, table: SourceTable, settings: Settings, landed: Iterable[str]) -> Copied:
    """Copies the rows at or after the watermark, minus the overlap."""
    folder = settings.landing_dir / table.source / table.name
    folder.mkdir(parents=True, exist_ok=True)
    files.clear_parts(folder, NAME)
    for rows_of_killed_run in folder.glob(".*.part.jsonl"):
        rows_of_killed_run.unlink()
    known = [match for name in {*landed, *(path.name for path in folder.iterdir())} if (match := NAME.fullmatch(name))]
    latest = files.stamp(datetime.now(UTC) + AHEAD)
    reached = max((match["cursor"] for match in known if match["cursor"] <= latest), default=None)
    since = datetime.strptime(reached, files.STAMP).replace(tzinfo=UTC) - OVERLAP if reached else None
    contents = {(match["cursor"], match["digest"]) for match in known}
    written: list[str] = []
    rows = ahead = 0
    with _errors(database, table):
        for chunk in _chunks(url, database, table, since, settings.live.request_seconds):
            cursors = [_cursor(row, database) for row in chunk]
            usable = [row for row, cursor in zip(chunk, cursors, strict=True) if cursor <= latest]
            later = [row for row, cursor in zip(chunk, cursors, strict=True) if cursor > latest]
            ahead += len(later)
            # In files of their own: beside other rows they would be another file in every run.
            largest = max((cursor for cursor in cursors if cursor <= latest), default=START)
            for cursor, part in ((largest, usable), (START, later)):
                name, digest = _name(part, cursor)
                if part and (cursor, digest) not in contents:
                    files.write_atomically(folder / name, lambda path, part=part: _write(part, path))
                    written.append(name)
                    rows += len(part)
    return Copied(tuple(written), rows, since.isoformat() if since else "the start", ahead)


def _chunks(
    url: str, database: Database, table: SourceTable, since: datetime | None, answer_seconds: int
) -> Iterator[list[dict[str, Any]]]:
    # No usage statistics, and no configuration from files.
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    try:
        import dlt
        from dlt.sources.sql_database import sql_table
        from sqlalchemy import DateTime, create_engine, inspect
    except ImportError as error:
        raise LiveSourceError(
            "Tables of a database need the package dlt. Install it with `make .venv/.installed-sources` "
            "(docs/sources.md)."
        ) from error
    schema, _, name = database.place(table).rpartition(".")
    engine = create_engine(url)
    try:
        # A small answer, unlike the first rows of a large table in order.
        with child.answered_within(answer_seconds):
            columns = {column["name"]: column["type"] for column in inspect(engine).get_columns(name, schema or None)}
        kind = columns.get(database.cursor)
        if not isinstance(kind, DateTime):
            problem = "has no such column" if kind is None else "has another type"
            raise LiveSourceError(
                f"{database.place(table)}: the cursor {database.cursor} must be a column with a time; the "
                f"table {problem}. Name the column with the time of the last change in sources.yml."
            )
        # A column without a time zone is UTC, and is compared with a time without one.
        start = since if since is None or kind.timezone else since.replace(tzinfo=None)
        incremental = dlt.sources.incremental(
            database.cursor, initial_value=start, row_order="asc", primary_key=(), on_cursor_value_missing="include"
        )
        resource = sql_table(
            engine, name, schema or None, incremental=incremental, chunk_size=CHUNK_ROWS, backend="sqlalchemy"
        )
        pending: list[dict[str, Any]] = []
        for row in resource:
            pending.append(row)
            if len(pending) >= CHUNK_ROWS:
                yield pending
                pending = []
        if pending:
            yield pending
    finally:
        engine.dispose()


def _cursor(row: Mapping[str, Any], database: Database) -> str:
    value = row[database.cursor]
    return files.stamp(_utc(value)) if isinstance(value, datetime) else START


def _name(chunk: Sequence[Mapping[str, Any]], cursor: str) -> tuple[str, str]:
    """File name and digest of a chunk's rows in any order."""
    lines = sorted(json.dumps(_texts(row), sort_keys=True) for row in chunk)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    return f"{cursor}_{files.stamp(datetime.now(UTC))}_{digest}.parquet", digest


def _write(chunk: Sequence[Mapping[str, Any]], part: Path) -> None:
    """All columns as text, as landing reads them. Writing JSON first is ten times as fast as row by row."""
    rows = part.with_name(f".{part.name}.jsonl")
    try:
        with open(rows, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(_texts(row)) + "\n" for row in chunk)
        columns = ", ".join(f"{quote(name)}: 'VARCHAR'" for name in chunk[0])
        with duckdb.connect() as con:
            con.execute(
                f"COPY (FROM read_json({literal(str(rows))}, columns = {{{columns}}}, format = 'newline_delimited', "
                f"maximum_object_size = {1 << 28})) TO {literal(str(part))} (FORMAT parquet)"
            )
    except duckdb.Error as error:
        raise LiveSourceError(
            f"A chunk of rows cannot be written as Parquet: {reason_of(error)}. A cause can be columns whose names are "
            "empty or differ only in case; a view can rename them. Copied rows are kept; the next run resumes there."
        ) from None
    finally:
        rows.unlink(missing_ok=True)


def _texts(row: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        # Postgres does not allow zero bytes in texts; other databases may.
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _utc(value).replace(tzinfo=None).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, dict | list):
        return json.dumps(value, default=str)
    return f"{value:f}" if hasattr(value, "quantize") else str(value)


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


@contextmanager
def _errors(database: Database, table: SourceTable) -> Iterator[None]:
    """Errors of the database in our words: their texts contain statements, values and the address."""
    try:
        yield
    except (LiveSourceError, OSError):
        raise
    except Exception as error:
        cause = error
        while cause.__cause__ is not None:
            cause = cause.__cause__  # dlt wraps what the database says
        raise LiveSourceError(
            f"{database.place(table)} cannot be read ({type(cause).__name__}). Check {database.url_variable}, "
            "the name of the table and the rights of the user; copied rows are kept, and the next run resumes there."
        ) from None
