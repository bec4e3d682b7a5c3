"""Whether two engines built the same marts: every row, to the last digit, and as many times."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

# A row as text that no other row has: JSON tells null from '' and writes every digit.
_HASH = "md5(to_json(mart)::varchar)"


@dataclass(frozen=True)
class MartParity:
    """One mart of two engines."""

    mart: str
    rows: tuple[int, int]
    hashes: tuple[str, str]  # of the sorted rows
    problem: str  # empty where the engines agree

    def __str__(self) -> str:
        return f"{self.mart}: {self.problem or f'{self.rows[0]} rows, {self.hashes[0]}'}"


def compare(marts: Path, other: Path, names: list[str]) -> list[MartParity]:
    """Every mart of a DuckDB file against that of another file, or the folder of Parquet of the same name."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"ATTACH '{marts}' AS marts (READ_ONLY)")
        if other.is_file():
            connection.execute(f"ATTACH '{other}' AS other (READ_ONLY)")
        connection.execute("USE marts")
        return [
            _compare(
                connection,
                name,
                f'other."{name}"'
                if other.is_file()
                else f"read_parquet('{other / name}/*.parquet', hive_partitioning = false)",
            )
            for name in names
        ]


def report(parities: list[MartParity]) -> str:
    """All that differ, one after the other."""
    return "\n".join(str(parity) for parity in parities if parity.problem)


def _compare(connection: duckdb.DuckDBPyConnection, mart: str, other: str) -> MartParity:
    columns = [_columns(connection, relation) for relation in (f'"{mart}"', other)]
    counts, hashes = zip(*(_digest(connection, relation) for relation in (f'"{mart}"', other)), strict=True)
    problem = ""
    if columns[0] != columns[1]:
        unlike = [pair for pair in zip(*columns, strict=False) if pair[0] != pair[1]]
        problem = f"{len(columns[0])} and {len(columns[1])} columns, unlike: {unlike[:5]}"
    elif hashes[0] != hashes[1]:
        problem = f"{counts[0]} and {counts[1]} rows" + "".join(
            f"\n  only {engine}: {row}"
            for engine, one, less in (("DuckDB", f'"{mart}"', other), ("the other", other, f'"{mart}"'))
            for row in _surplus(connection, one, less)
        )
    return MartParity(mart, counts, hashes, problem)


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind, *_ in connection.execute(f"DESCRIBE FROM {relation}").fetchall()]


def _digest(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, str]:
    count, digest = connection.execute(
        f"SELECT count(*), md5(coalesce(string_agg({_HASH}, '' ORDER BY {_HASH}), '')) FROM {relation} AS mart"
    ).fetchall()[0]
    return count, digest


def _surplus(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> list[str]:
    """Up to three rows that one has more often than the other."""
    rows, others = (f"SELECT to_json(mart)::varchar AS line FROM {relation} AS mart" for relation in (one, other))
    return [row for (row,) in connection.execute(f"{rows} EXCEPT ALL {others} ORDER BY line LIMIT 3").fetchall()]


DESCRIPTION = """
    select 'relation' as what, table_name as name, comment, null as type
    from duckdb_tables() where database_name = current_database()
    union all
    select 'view', view_name, comment, null
    from duckdb_views() where database_name = current_database() and not internal
    union all
    select 'column', table_name || '.' || column_name || ' ' || column_index, comment, data_type || ' ' || is_nullable
    from duckdb_columns() where database_name = current_database() and not internal
    union all
    select 'macro', function_name || parameters::varchar, comment, macro_definition
    from duckdb_functions() where database_name = current_database() and not internal
    order by all
"""


def described(file: Path) -> list[Any]:
    """Every relation, column and macro of a DuckDB file, with its type and comment."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(DESCRIPTION).fetchall()
