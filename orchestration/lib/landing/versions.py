"""From the stage to the raw table: unusable rows go to quarantine; of the others, the newest version stays.

Everything in the caller's transaction. The stage has every row that was read, written once and wide. Decisions here use
narrow columns. File and line identify a row of the stage, and the key identifies a row of the raw table. DuckDB's row
id cannot, because a column named rowid from a file would hide it. When the raw table is empty the stage becomes the raw
table, so that a first load of any size is one wide write.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from orchestration.lib.landing import contract, history, records, store
from orchestration.lib.landing.contract import CASTS, Names, SourceTable, literal, quote
from orchestration.lib.landing.errors import LandingError
from orchestration.lib.landing.readers import Inspected, Load

# How messages name what a time is read as.
_KIND = {"timestamp": "time", "date": "date", "month": "month"}


@dataclass
class Counts:
    """The counts of rows by outcome for each file, and of noteworthy values for each column."""

    landed: Counter[str] = field(default_factory=Counter)
    superseded: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    uncast: Counter[str] = field(default_factory=Counter)
    null_words: Counter[str] = field(default_factory=Counter)
    misshapen_ids: Counter[str] = field(default_factory=Counter)


def signature(con: duckdb.DuckDBPyConnection, table: SourceTable, names: Names) -> str:
    """Changes if the columns that landing derives would get other values.

    DuckDB does not promise the same hash() in its next version, and the list of columns can grow.
    """
    version = con.execute("SELECT version()").fetchall()[0][0]
    parts = [version, contract.hash_sql(names), contract.version_sql(table, names), contract.deleted_sql(table, names)]
    parts += [f"{field.name} {field.data_type}" for field in table.named_fields if names.get(field.name)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def is_current(con: duckdb.DuckDBPyConnection, table: SourceTable, names: Names) -> bool:
    stored = con.execute(
        "SELECT signature FROM landing.tables WHERE source = ? AND table_name = ?", [table.source, table.name]
    ).fetchall()
    return not stored or stored[0][0] == signature(con, table, names)


def derive_again(con: duckdb.DuckDBPyConnection, table: SourceTable, names: Names, load_id: int) -> int:
    """Computes the derived columns of the stored rows by today's rules; a row that reads differently has changed.

    Returns the number of values that cannot be read in fields that a variable or rule names only now.
    """
    derived = {
        "_version_at": contract.version_sql(table, names),
        "_is_deleted": contract.deleted_sql(table, names),
    }
    has_changed = " OR ".join(f"{column} IS DISTINCT FROM ({sql})" for column, sql in derived.items())
    history.keep(con, table, names, has_changed, load_id)
    con.execute(
        f"""
        UPDATE {store.raw_table(table)}
        SET {", ".join(f"{column} = {sql}" for column, sql in derived.items())},
            _content_hash = {contract.hash_sql(names)},
            _load_id = CASE WHEN {has_changed} THEN $load_id ELSE _load_id END
        """,
        {"load_id": load_id},
    )
    return _list_unread(con, table, names, load_id)


def _list_unread(con: duckdb.DuckDBPyConnection, table: SourceTable, names: Names, load_id: int) -> int:
    """Lists the stored values of named fields that cannot be read and are not listed yet."""
    types = contract.typed_columns(table, names)
    fields = {name: types[name] for field in table.named_fields if (name := names.get(field.name)) and name in types}
    found = 0
    for name, data_type in fields.items():
        if data_type not in CASTS:
            continue
        place = "_source_file AS path, _source_revision AS revision, _source_line AS line"
        found += con.execute(
            f"""
            INSERT INTO landing.uncast_values BY NAME
            SELECT $source AS source, $table AS table_name, $column AS column_name, *, $load_id AS load_id
            FROM (SELECT {place}, {quote(name)} AS value FROM {store.raw_table(table)})
            ANTI JOIN (FROM landing.uncast_values WHERE (source, table_name, column_name) = ($source, $table, $column))
                USING (path, revision, line)
            WHERE {_is_unread("value", data_type)} AND NOT {contract.is_null_word("value")}
            """,
            {"source": table.source, "table": table.name, "column": name, "load_id": load_id},
        ).fetchall()[0][0]
    return found


def _is_unread(text: str, data_type: str) -> str:
    return f"({text} IS NOT NULL AND {contract.cast_sql(data_type, text)} IS NULL)"


def save_signature(con: duckdb.DuckDBPyConnection, table: SourceTable, names: Names, load_id: int) -> None:
    where = {"source": table.source, "name": table.name}
    con.execute("DELETE FROM landing.tables WHERE source = $source AND table_name = $name", where)
    con.execute(
        "INSERT INTO landing.tables VALUES ($source, $name, $signature, $load_id)",
        where | {"signature": signature(con, table, names), "load_id": load_id},
    )


def merge(load: Load, inspected: Sequence[Inspected]) -> Counts:
    """Moves the stage's rows to the raw table or to quarantine, and counts them by file."""
    counts = Counts()
    by_file = {one.file.name: one for one in inspected}
    _judge_values(load, by_file, counts)
    _quarantine(load, by_file, counts)
    _keep_newest(load, inspected, counts)
    return counts


def _judge_values(load: Load, inspected: Mapping[str, Inspected], counts: Counts) -> None:
    """Rejects rows without key or event time, empties words for null, and lists the values that do not cast."""
    con, table = load.con, load.table
    types = contract.typed_columns(table, load.names)
    # Under generated names: a lambda's parameter must not meet a column of a file.
    column = {name: f"c{number}" for number, name in enumerate(dict.fromkeys([*table.keys, *types]))}
    word = {name: contract.is_null_word(text) for name, text in column.items() if name in types}
    unread = {name: _is_unread(text, types[name]) for name, text in column.items() if types.get(name) in CASTS}
    misshapen = {
        name: f"({text} IS NOT NULL AND length({text}) NOT IN (15, 18))"
        for name, text in column.items()
        if types.get(name) == "salesforce_id"
    }
    reason = [f"WHEN _row_key IS NULL THEN {literal(f'no {table.key}')}"]
    conditions = ["_row_key IS NULL", *unread.values(), *misshapen.values()]
    # In a column that is cast, a word for null is unreadable anyway; only the other columns have to be searched.
    conditions += [is_word for name, is_word in word.items() if name not in unread and name not in misshapen]
    if table.event_time:
        event, kind = column[table.event_time], _KIND[types[table.event_time]]
        reason += [
            f"WHEN {event} IS NULL OR {word[table.event_time]} THEN {literal(f'no {table.event_time}')}",
            f"WHEN {unread[table.event_time]} THEN {literal(f'{table.event_time} cannot be read as a {kind}')}",
        ]
        conditions.append(f"{event} IS NULL")

    # The key's column name as a key: perhaps a repeated header.
    names = {
        column.lower()
        for one in inspected.values()
        for column, name in zip(one.columns, one.names, strict=True)
        if load.names.add(name) == table.key
    }
    names_key = " OR ".join(f"lower({column[table.key]}) = {literal(name)}" for name in sorted(names)) or "false"
    conditions.append(names_key)

    generated = ", ".join(f"{quote(name)} AS {reference}" for name, reference in column.items())
    suspects = f"""
        (SELECT _row_key, _source_file, _source_line, {generated} FROM {load.stage}) WHERE {" OR ".join(conditions)}
    """
    # Most files have none. DuckDB plans this question in a sixth of the time that it needs for the next statement, and
    # that was half the time of landing small files: ten of them take 1.5 instead of 3.1 s.
    if not con.execute(f"SELECT EXISTS (FROM {suspects})").fetchall()[0][0]:
        return

    def listed(found: Mapping[str, str], value: Callable[[str], str]) -> str:
        items = [f"CASE WHEN {condition} THEN {value(name)} END" for name, condition in found.items()]
        return f"list_filter([{', '.join(items)}]::VARCHAR[], lambda item: item IS NOT NULL)"

    readable = {name: f"{condition} AND NOT {word[name]}" for name, condition in unread.items()}
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE suspects AS
        SELECT
            _source_file AS path, _source_line AS line,
            CASE {" ".join(reason)} END AS reason,
            coalesce({names_key}, false) AS names_key,
            {listed(readable, literal)} AS uncast,
            {listed(readable, column.__getitem__)} AS uncast_values,
            {listed(word, literal)} AS words,
            {listed({n: f"{m} AND NOT {word[n]}" for n, m in misshapen.items()}, literal)} AS misshapen
        FROM {suspects}
        """
    )
    _find_headers(load, inspected)
    unusable = con.execute("SELECT DISTINCT path FROM suspects WHERE reason IS NOT NULL").fetchall()
    for (path,) in unusable:
        _reject(load, inspected[path])
    _delete(load, "SELECT path, line FROM suspects WHERE reason IS NOT NULL")
    con.execute("DELETE FROM suspects WHERE reason IS NOT NULL")
    revisions, parameters = _revisions(load, inspected)
    con.execute(
        f"""
        INSERT INTO landing.uncast_values
        SELECT $source, $name, column_name, path, revision, line // cells, value, $load_id
        FROM (SELECT path, line, unnest(uncast) AS column_name, unnest(uncast_values) AS value FROM suspects)
        JOIN {revisions} USING (path)
        ORDER BY path, line, column_name
        """,
        parameters,
    )
    counts.uncast.update(_counted(con, "SELECT path, sum(len(uncast)) FROM suspects GROUP BY path"))
    for kind, counter in (("words", counts.null_words), ("misshapen", counts.misshapen_ids)):
        counter.update(_counted(con, f"SELECT unnest({kind}) AS name, count(*) FROM suspects GROUP BY name"))
    _empty_words(load, list(counts.null_words))
    con.execute("DROP TABLE suspects")


def _quarantine(load: Load, inspected: Mapping[str, Inspected], counts: Counts) -> None:
    """Stores the rejected records, those that could not be read as rows included."""
    revisions, parameters = _revisions(load, inspected)
    load.con.execute(
        f"""
        INSERT INTO landing.quarantine
        SELECT $source, $name, path, revision, line, reason, raw_text, $load_id, $loaded_at
        FROM rejects JOIN {revisions} USING (path)
        ORDER BY path, line
        """,
        parameters | {"loaded_at": load.loaded_at},
    )
    counts.quarantined.update(_counted(load.con, "SELECT path, count(*) FROM rejects GROUP BY path"))


def _revisions(load: Load, inspected: Mapping[str, Inspected]) -> tuple[str, dict[str, Any]]:
    """A relation of each file's path, revision and cells per record, and the parameters of a query that joins it."""
    paths = list(load.revisions)
    parameters = {"source": load.table.source, "name": load.table.name, "load_id": load.load_id}
    parameters |= {"paths": paths, "revisions": list(load.revisions.values())}
    parameters |= {"cells": [inspected[path].cells for path in paths]}
    return "(SELECT unnest($paths) AS path, unnest($revisions) AS revision, unnest($cells) AS cells)", parameters


def _find_headers(load: Load, inspected: Mapping[str, Inspected]) -> None:
    """Marks rows of CSV files that repeat the header, as in concatenated files."""
    for (path,) in load.con.execute("SELECT DISTINCT path FROM suspects WHERE names_key").fetchall():
        if inspected[path].file.format != "csv":
            continue
        spellings = f"[{', '.join(literal(name.lower()) for name in inspected[path].columns)}]"
        columns = [f"stage.{quote(load.names.add(name))}" for name in inspected[path].names]
        is_name = " AND ".join(f"coalesce(list_contains({spellings}, lower({column})), true)" for column in columns)
        load.con.execute(
            f"""
            UPDATE suspects SET reason = 'the header again'
            FROM {load.stage} AS stage
            WHERE suspects.names_key AND suspects.path = $path AND stage._source_file = $path
                AND stage._source_line = suspects.line AND {is_name}
            """,
            {"path": path},
        )


def _empty_words(load: Load, columns: Sequence[str]) -> None:
    """Replaces the words for null that were found with null."""
    if not columns:
        return

    def value(name: str) -> str:
        column = f"stage.{quote(name)}"
        return f"CASE WHEN NOT {contract.is_null_word(column)} THEN {column} END" if name in columns else column

    load.con.execute(
        f"""
        UPDATE {load.stage} AS stage
        SET {", ".join(f"{quote(name)} = {value(name)}" for name in columns)},
            _content_hash = {contract.hash_sql(load.names, value)}
        FROM (SELECT path, line FROM suspects WHERE len(words) > 0) AS found
        WHERE stage._source_file = found.path AND stage._source_line = found.line
        """
    )


def _delete(load: Load, places: str) -> None:
    """Removes the rows at these places (path, line) from the stage, no others."""
    load.con.execute(
        f"""
        DELETE FROM {load.stage} AS stage USING ({places}) AS gone
        WHERE stage._source_file = gone.path AND stage._source_line = gone.line
        """
    )


def _reject(load: Load, inspected: Inspected) -> None:
    """Adds a file's unusable rows to the rejects, with their text as in the file."""
    if inspected.file.format == "parquet":
        fields = ", ".join(f"{literal(name)}, stage.{quote(load.names.add(name))}" for name in inspected.names)
        load.con.execute(
            f"""
            INSERT INTO rejects
            SELECT suspects.path, suspects.line // {inspected.cells}, suspects.reason, json_object({fields})::VARCHAR
            FROM suspects
            JOIN {load.stage} AS stage ON stage._source_file = suspects.path AND stage._source_line = suspects.line
            WHERE suspects.path = ? AND suspects.reason IS NOT NULL
            """,
            [inspected.file.name],
        )
        return
    with records.split(load.con, inspected.file, len(inspected.columns), inspected.header_lines):
        load.con.execute(
            f"""
            INSERT INTO rejects
            SELECT suspects.path, records.line, suspects.reason, records.raw_text
            FROM suspects JOIN records ON suspects.line // {inspected.cells} = records.line
            WHERE suspects.path = ? AND suspects.reason IS NOT NULL
            """,
            [inspected.file.name],
        )


# The order of versions, see inputs: version time, a deletion before a live row, then the row's position. Fivetran's
# history mode closes a version in place: the closed one is newer than the same version when it was open, and older than
# a version that began later, even if their version times are equal. File, revision and line together are unique.
NEWEST_FIRST = """
    _version_at DESC NULLS LAST, _is_deleted AND NOT is_closed DESC, started_at DESC NULLS LAST, is_closed DESC,
    _source_file DESC, _source_revision DESC, _source_line DESC
"""


def _keep_newest(load: Load, inspected: Sequence[Inspected], counts: Counts) -> None:
    con, raw, stage = load.con, store.raw_table(load.table), load.stage
    before = store.count_rows(con, load.table)
    # Most keys occur once; only the others have to be sorted.
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE contested AS
        SELECT _row_key FROM {stage} GROUP BY _row_key HAVING count(*) > 1
        UNION
        SELECT _row_key FROM {raw} WHERE _row_key IN (SELECT _row_key FROM {stage})
        """
    )
    narrow = f"""
        _row_key, _version_at, _is_deleted, _source_file, _source_revision, _source_line, _content_hash,
        {contract.closed_sql(load.names)} AS is_closed, {contract.start_sql(load.names)} AS started_at
    """
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE verdicts AS
        WITH candidates AS (
            SELECT true AS is_new, {narrow} FROM {stage} WHERE _row_key IN (FROM contested)
            UNION ALL
            SELECT false AS is_new, {narrow} FROM {raw} WHERE _row_key IN (FROM contested)
        ),

        ranked AS (
            SELECT
                *,
                row_number() OVER newest_first = 1 AS is_newest,
                first_value(_content_hash) OVER newest_first AS newest_hash,
                max(CASE WHEN NOT is_new THEN _content_hash END) OVER (PARTITION BY _row_key) AS stored_hash
            FROM candidates
            WINDOW newest_first AS (PARTITION BY _row_key ORDER BY {NEWEST_FIRST})
        )

        SELECT
            *,
            CASE
                WHEN NOT is_new THEN CASE WHEN newest_hash = _content_hash THEN 'kept' ELSE 'replaced' END
                WHEN newest_hash IS DISTINCT FROM stored_hash AND is_newest THEN 'landed'
                WHEN newest_hash = _content_hash THEN 'unchanged'
                ELSE 'superseded'
            END AS verdict
        FROM ranked
        """
    )
    counts.landed.update(_counted(con, f"SELECT _source_file, count(*) FROM {stage} GROUP BY ALL"))
    for verdict, counter in (("unchanged", counts.unchanged), ("superseded", counts.superseded)):
        found = _counted(con, f"SELECT _source_file, count(*) FROM verdicts WHERE verdict = '{verdict}' GROUP BY ALL")
        counter.update(found)
        counts.landed.subtract(found)
    _delete(
        load,
        "SELECT _source_file AS path, _source_line AS line FROM verdicts WHERE verdict IN ('unchanged', 'superseded')",
    )
    for one in inspected:
        if one.cells > 1:
            for table in (stage, "verdicts"):
                con.execute(
                    f"""
                    UPDATE {table} SET _source_line = _source_line // {one.cells}
                    WHERE _source_file = $path AND _source_revision = $revision
                    """,
                    {"path": one.file.name, "revision": load.revisions[one.file.name]},
                )
    replaced = con.execute("SELECT count(*) FROM verdicts WHERE verdict = 'replaced'").fetchall()[0][0]
    if not before:
        con.execute(f"DROP TABLE {raw}")
        con.execute(f"ALTER TABLE {stage} RENAME TO {quote(load.table.name)}")
    else:
        # The same content from a later position: the row stays unchanged, but gets the new position. Otherwise the
        # order in which files arrive would decide which of three versions is the newest.
        moved = """
            SELECT newest._row_key, newest._source_file, newest._source_revision, newest._source_line
            FROM verdicts AS kept JOIN verdicts AS newest USING (_row_key)
            WHERE kept.verdict = 'kept' AND newest.is_newest AND newest.is_new
        """
        load_id = "_load_id"
        if load.table.month_columns:
            _find_overtaking(con, raw, moved)
            history.keep(con, load.table, load.names, "_row_key IN (FROM overtaking)", load.load_id)
            load_id = f"CASE WHEN stored._row_key IN (FROM overtaking) THEN {load.load_id:d} ELSE _load_id END"
        con.execute(
            f"""
            UPDATE {raw} AS stored
            SET _source_file = newest._source_file, _source_revision = newest._source_revision,
                _source_line = newest._source_line, _load_id = {load_id}
            FROM ({moved}) AS newest
            WHERE stored._row_key = newest._row_key
            """
        )
        is_replaced = "_row_key IN (SELECT _row_key FROM verdicts WHERE verdict = 'replaced')"
        history.keep(con, load.table, load.names, is_replaced, load.load_id)
        con.execute(f"DELETE FROM {raw} WHERE {is_replaced}")
        con.execute(f"INSERT INTO {raw} BY NAME SELECT * FROM {stage}")
        con.execute(f"DROP TABLE {stage}")
    con.execute("DROP TABLE contested; DROP TABLE verdicts")
    after, landed = store.count_rows(con, load.table), counts.landed.total()
    if after != before - replaced + landed:
        raise LandingError(
            f"{load.table.folder}: the raw table would have {after:,} rows, but {before:,} - {replaced:,} replaced + "
            f"{landed:,} landed were expected. Report this with the columns of the new files."
        )


def _find_overtaking(con: duckdb.DuckDBPyConnection, raw: str, moved: str) -> None:
    """The rows whose new position is behind that of a row which it preceded.

    In the spend sheet, rows of different keys can be one entry, and the last one counts (R16.1). So these rows count as
    new, and a sheet that is exported again without a change brings none.
    """
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE overtaking AS
        WITH ranks AS (
            SELECT
                stored._row_key, moved._row_key IS NOT NULL AS has_moved,
                rank() OVER (
                    ORDER BY stored._source_file, stored._source_revision, stored._source_line
                ) AS rank_before,
                rank() OVER (
                    ORDER BY coalesce(moved._source_file, stored._source_file),
                        coalesce(moved._source_revision, stored._source_revision),
                        coalesce(moved._source_line, stored._source_line)
                ) AS rank_now
            FROM {raw} AS stored LEFT JOIN ({moved}) AS moved USING (_row_key)
            WHERE stored._row_key NOT IN (SELECT _row_key FROM verdicts WHERE verdict = 'replaced')
        )
        SELECT _row_key FROM ranks WHERE has_moved AND rank_now <> rank_before
        """
    )


def _counted(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, int]:
    return {name: int(count) for name, count in con.execute(sql).fetchall()}
