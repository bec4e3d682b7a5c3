"""Earlier versions of landed rows: what the raw tables were after any landing.

A raw table has the newest version of every row. What a newer version replaces is kept here with the load that replaced
it, because files cannot give it back: a file can be overwritten, or archived.

keep(con, table, names, rows, load_id)   before these rows are replaced
as_of(con, table, load_id)               the rows of the table after a load
replaced_since(con, table, load_id)      the versions that later loads replaced
versions_between(con, table, after, through)   what landed after one load and was valid after another
"""

from collections.abc import Callable

import duckdb

from orchestration.lib.landing.contract import TECHNICAL_COLUMNS, Names, SourceTable, literal, quote
from orchestration.lib.landing.store import raw_table

_TECHNICAL = ", ".join(map(quote, TECHNICAL_COLUMNS))


def keep(con: duckdb.DuckDBPyConnection, table: SourceTable, names: Names, rows: str, load_id: int) -> None:
    """Keeps the stored rows that fit a condition; in the transaction that replaces them."""
    con.execute(
        f"""
        INSERT INTO landing.earlier_versions BY NAME
        SELECT
            {literal(table.source)} AS source, {literal(table.name)} AS table_name, {load_id:d} AS until_load,
            {_TECHNICAL}, {content_sql(names.all)} AS content
        FROM {raw_table(table)}
        WHERE {rows}
        """
    )


def content_sql(columns: list[str]) -> str:
    """The filled columns of a row as JSON."""
    fields = ", ".join(f"{literal(name)}, {quote(name)}" for name in columns)
    return f"json_merge_patch('{{}}', json_object({fields}))::VARCHAR"


def as_of(con: duckdb.DuckDBPyConnection, table: SourceTable, load_id: int) -> str:
    """A query of the rows that the raw table had after a load, with the columns that it has today."""
    return f"""
        SELECT {_columns(con, table, quote)} FROM {raw_table(table)} WHERE _load_id <= {load_id:d}
        UNION ALL
        {replaced_since(con, table, load_id)} AND _load_id <= {load_id:d}
    """


def replaced_since(con: duckdb.DuckDBPyConnection, table: SourceTable, load_id: int) -> str:
    """A query of the versions that later loads replaced, with the columns of the raw table; conditions can follow."""

    def stored(name: str) -> str:
        if name in TECHNICAL_COLUMNS:
            return quote(name)
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")
        return f"json_extract_string(content, {literal(pointer)}) AS {quote(name)}"

    return f"""
        SELECT {_columns(con, table, stored)}
        FROM landing.earlier_versions
        WHERE source = {literal(table.source)} AND table_name = {literal(table.name)} AND until_load > {load_id:d}
    """


def versions_at(table: SourceTable, load_id: int) -> str:
    """A query of the versions that were valid after a load and were replaced later: key, deletion, content."""
    return f"""
        SELECT _row_key, _is_deleted, _source_file, content
        FROM landing.earlier_versions
        WHERE source = {literal(table.source)} AND table_name = {literal(table.name)}
            AND _load_id <= {load_id:d} AND until_load > {load_id:d}
    """


def versions_between(con: duckdb.DuckDBPyConnection, table: SourceTable, after: int, through: int) -> str:
    """A query of the versions that were valid after the load `through` and landed after the load `after`."""
    columns = [row[0] for row in con.execute(f"DESCRIBE {raw_table(table)}").fetchall()]
    own = [name for name in columns if name not in TECHNICAL_COLUMNS]
    return f"""
        SELECT _row_key, _is_deleted, _source_file, {content_sql(own)} AS content
        FROM {raw_table(table)}
        WHERE _load_id > {after:d} AND _load_id <= {through:d}
        UNION ALL
        {versions_at(table, through)} AND _load_id > {after:d}
    """


def first_load(con: duckdb.DuckDBPyConnection) -> int:
    """The first load from which on earlier versions are known; those before it an earlier release has landed."""
    [(load_id,)] = con.execute("SELECT greatest(load_id, 1) FROM landing.history_begins").fetchall()
    return load_id


def _columns(con: duckdb.DuckDBPyConnection, table: SourceTable, expression: Callable[[str], str]) -> str:
    return ", ".join(expression(row[0]) for row in con.execute(f"DESCRIBE {raw_table(table)}").fetchall())
