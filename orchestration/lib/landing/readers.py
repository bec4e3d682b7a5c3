"""From a file to text columns with DuckDB's own readers, each row with the line on which it starts.

CSV and JSON lines are read in one of two ways. The fast way is one parallel scan, which counts only if its rows account
for every physical line of the file. The exact way (records.py) finds out which records are broken and where.

While a file is read, its columns have generated names, whatever the file calls them. The only names are the program's.
"""

import csv
import itertools
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import duckdb
from duckdb.sqltypes import DuckDBPyType

from orchestration.lib.errors import NOT_UTF8, reason_of
from orchestration.lib.landing import contract, files, records
from orchestration.lib.landing.contract import MonthColumns, Names, SourceTable, literal, quote
from orchestration.lib.landing.errors import STORAGE_ERRORS, LandingError
from orchestration.lib.landing.files import SourceFile
from orchestration.lib.landing.macros import sql_macro

# The longest field that DuckDB accepts: a Description can have 32,000 characters and more.
LONGEST_RECORD = 1 << 24
# DuckDB copies the names of all columns for each of them: 1,900 names of 1,000 characters took 4.4 GB.
LONGEST_NAME = 300

# A private-use character at both ends: no value looks like that. With '' as the text for null, DuckDB would accept a
# record with one empty value too many.
NO_NULL = "\ue000null\ue000"

# What DuckDB's readers reject and the exact way reads: line breaks of several kinds, long lines, zeros after the end of
# a gzip file.
UNREAD = (duckdb.InvalidInputException, duckdb.IOException)

# What Bulk API 1 writes in place of a file without records.
NO_RECORDS = "Records not found for this query"


@dataclass(frozen=True)
class Inspected:
    """A file and its columns as it spells them; `lines` are its physical lines (Parquet: its rows).

    `names` are what its columns stand for in its table, one for each.
    """

    file: SourceFile
    columns: Sequence[str] = ()
    lines: int = 0
    is_exact: bool = False  # the fast way is known to fail
    header_lines: int = 1  # CSV, TSV
    types: Sequence[str] = ()  # Parquet only
    names: Sequence[str] = ()
    months: Sequence[str] = ()  # the month of each column (blank: none), if the file has columns for months

    @property
    def cells(self) -> int:
        """The number of rows that a record makes."""
        return len(set(filter(None, self.months))) or 1


@dataclass(frozen=True)
class Load:
    """Where the rows of one landing run go."""

    con: duckdb.DuckDBPyConnection
    table: SourceTable
    names: Names
    stage: str
    load_id: int
    loaded_at: datetime
    revisions: dict[str, int] = field(default_factory=dict)


def inspect(con: duckdb.DuckDBPyConnection, table: SourceTable, file: SourceFile) -> Inspected:
    """Finds the columns of a file; one that cannot be read at all raises."""
    if file.is_empty:
        return Inspected(file)
    if file.format == "tsv":
        found = _inspect_tsv(table, file)
    else:
        found = {"csv": _inspect_csv, "jsonl": _inspect_jsonl, "parquet": _inspect_parquet}[file.format](con, file)
    _check_width(file, len(found.columns))
    _check_names(file, found.columns)
    found = replace(found, names=contract.meant(table, found.columns))
    if table.month_columns and found.columns:
        found = _with_months(con, table.month_columns, found)
    files.check_lines(file, found.lines * found.cells)
    return found


def _check_width(file: SourceFile, columns: int) -> None:
    limit = file.limits.columns
    if columns > limit:
        raise files.too_large(file, f"has {columns:,} columns and may have", limit, "COLUMNS")


def _check_names(file: SourceFile, columns: Sequence[str]) -> None:
    # The message does not quote the name: a key of a JSON object can be personal data.
    if (longest := max(map(len, columns), default=0)) > LONGEST_NAME:
        raise LandingError(
            f"{file.name} has a column name of {longest:,} characters, and names may have {LONGEST_NAME}. "
            "Correct or remove the file."
        )


def read(load: Load, inspected: Inspected) -> int:
    """Reads every row of the file into the stage, and unreadable records into the rejects; returns the number read."""
    file = inspected.file
    if not inspected.columns and not inspected.is_exact:
        return 0
    try:
        read_format = {"csv": _read_csv, "tsv": _read_csv, "jsonl": _read_jsonl, "parquet": _read_parquet}[file.format]
        return read_format(load, inspected)
    except duckdb.Error as error:
        files.check_unchanged(file)
        if isinstance(error, STORAGE_ERRORS) and str(file.path) not in str(error):
            raise  # the warehouse's disk, not the file
        raise LandingError(
            f"{file.name} cannot be read to its end ({reason_of(error)}). "
            "Copy the whole file there again, or remove it."
        ) from error


def _with_months(con: duckdb.DuckDBPyConnection, table: MonthColumns, found: Inspected) -> Inspected:
    """Finds the columns that are named like a month. The fast way counts lines, so it cannot read them."""
    month = contract.cast_sql("month", "name")
    [(months,)] = con.execute(
        f"SELECT list(coalesce(strftime({month}, '%Y-%m'), '')) FROM (SELECT unnest($names) AS name)",
        {"names": [name.strip() for name in found.columns]},
    ).fetchall()
    if not any(months):
        return found
    long = {contract.normalise(name) for name in vars(table).values()}
    if both := [column for column in found.columns if contract.normalise(column) in long]:
        raise LandingError(
            f"{found.file.name} has columns for months and a column {both[0]}. Use one of the two forms: a column for "
            f"each month, or {table.month} and {table.value}. You can also remove the file."
        )
    names = [table.value if month else name for name, month in zip(found.names, months, strict=True)]
    return replace(found, names=names, months=months, is_exact=True)


# CSV


def _inspect_csv(con: duckdb.DuckDBPyConnection, file: SourceFile) -> Inspected:
    reader = csv.reader(files.first_lines(file))
    try:
        header = next((row for row in reader if row), [])
    except csv.Error as error:
        raise LandingError(
            f"{file.name}: its header cannot be read ({error}). The first line must name the columns, separated by "
            "commas; lines must end in a line feed, with or without a carriage return before it. The file can also be "
            "removed."
        ) from error
    if not header or header == [NO_RECORDS]:
        return Inspected(file)
    # Before the names are compared with each other.
    _check_width(file, len(header))
    header = [name.strip() for name in header]
    for position, name in enumerate(header, 1):
        # By number: without a header these would be personal data.
        if name and name in header[: position - 1]:
            first = header.index(name) + 1
            raise LandingError(
                f"{file.name}: columns {first} and {position} have the same name in the header. Name each column once, "
                "or remove the file."
            )
    columns = [name or _unused_name(f"column{position}", header) for position, name in enumerate(header, 1)]
    # DuckDB skips one line for the header, and takes the blank lines of a one-column file for rows.
    is_exact = reader.line_num != 1 or len(columns) == 1
    return Inspected(file, columns, files.count_lines(file), is_exact)


def _unused_name(name: str, header: Sequence[str]) -> str:
    """A name for a column that has none, and that no other column of the file has."""
    used = {contract.normalise(other) for other in header}
    while contract.normalise(name) in used:
        name += "x"
    return name


def _inspect_tsv(table: SourceTable, file: SourceFile) -> Inspected:
    """Files without a header have the columns that the contract lists; one with the key's name has a header."""
    width = len(table.tsv_columns)
    first = [line.rstrip("\r\n").split("\t") for line in itertools.islice(files.first_lines(file), 100)]
    if first and contract.normalise(table.key) in map(contract.normalise, first[0]):
        return Inspected(file, first[0], files.count_lines(file))
    if all(len(fields) != width for fields in first):
        raise LandingError(
            f"{file.name}: no line at its beginning has {width} values separated by tabs, as an enriched event of "
            "Snowplow has. Export enriched events, or a file with the names of the columns (CSV, JSON lines or "
            "Parquet), or remove the file."
        )
    return Inspected(file, table.tsv_columns, files.count_lines(file), header_lines=0)


def _read_csv(load: Load, inspected: Inspected) -> int:
    if inspected.lines == inspected.header_lines:
        return 0
    if not inspected.is_exact and (rows := _read_csv_fast(load, inspected)) is not None:
        return rows
    values = [f"fields[{position}]" for position in range(1, len(inspected.columns) + 1)]
    return _read_records(load, inspected, values, "fields")


def _read_csv_fast(load: Load, inspected: Inspected) -> int | None:
    """One parallel scan. Returns None, and leaves nothing in the stage, if it does not account for every line of the
    file."""
    file, columns = inspected.file, [f"c{position}" for position in range(len(inspected.columns))]
    types = ", ".join(f"{column}: 'VARCHAR'" for column in columns)
    # All values at once: an expression for each column takes DuckDB a second to plan when there are hundreds.
    text = f"concat({', '.join(columns)})"
    separator, quote = (r"\t", "") if file.format == "tsv" else (",", '"')
    # Not strict about errors: a broken record is skipped, and then its lines are missing from the sum.
    relation = f"""(
        SELECT *, 1 + strlen({text}) - strlen(replace({text}, chr(10), '')) AS line
        FROM read_csv(
            $path, columns = {{{types}}}, auto_detect = false, header = {inspected.header_lines == 1},
            delim = '{separator}', quote = '{quote}', escape = '{quote}', nullstr = '{NO_NULL}', ignore_errors = true,
            compression = $compression, max_line_size = {LONGEST_RECORD}, buffer_size = {2 * LONGEST_RECORD},
            hive_partitioning = false
        )
    )"""
    parameters = {"path": file.pattern, "compression": "gzip" if file.is_gzip else "none"}
    try:
        rows = _insert(load, inspected, columns, relation, parameters)
    except UNREAD:
        return None
    total = load.con.execute(
        f"SELECT coalesce(sum(_source_line), 0) FROM {load.stage} WHERE _source_file = ?", [file.name]
    ).fetchall()[0][0]
    if total + inspected.header_lines == inspected.lines:
        _number_lines(load, file, inspected.header_lines)
        return rows
    load.con.execute(f"DELETE FROM {load.stage} WHERE _source_file = ?", [file.name])
    return None


def _number_lines(load: Load, file: SourceFile, header_lines: int) -> None:
    """From the number of lines of each record to the line on which it starts.

    The stage has the rows in the order of the file. Counting during the read would keep all threads but one idle. Here
    DuckDB's rowid is needed, which no column of the stage hides: store.create refuses one of that name.
    """
    load.con.execute(
        f"""
        UPDATE {load.stage} AS stage
        SET _source_line = numbered.line
        FROM (
            SELECT rowid AS row, $header_lines + 1 + sum(_source_line) OVER (ORDER BY rowid) - _source_line AS line
            FROM {load.stage}
            WHERE _source_file = $file
        ) AS numbered
        WHERE stage.rowid = numbered.row
        """,
        {"header_lines": header_lines, "file": file.name},
    )


# JSON lines


def _ndjson(file: SourceFile) -> str:
    """One row per line that is not blank; null where the line is not JSON."""
    return f"""read_ndjson_objects(
        {literal(file.pattern)}, ignore_errors = true, compression = '{"gzip" if file.is_gzip else "none"}',
        maximum_object_size = {LONGEST_RECORD}, hive_partitioning = false
    )"""


def _inspect_jsonl(con: duckdb.DuckDBPyConnection, file: SourceFile) -> Inspected:
    lines = files.count_lines(file)
    try:
        columns, objects = _keys(
            con, file, "CASE WHEN json_type(json) = 'OBJECT' THEN json_keys(json) END", _ndjson(file)
        )
        is_exact = objects != lines
    except UNREAD:
        columns, is_exact = [], True
    if is_exact:
        with records.split(con, file, width=0):
            columns, objects = _keys(con, file, "json_keys(object)", "records WHERE reason IS NULL")
            if not objects:
                records.check_json_lines(con, file)
    return Inspected(file, columns, lines, is_exact)


def _keys(con: duckdb.DuckDBPyConnection, file: SourceFile, keys: str, relation: str) -> tuple[list[str], int | None]:
    """All keys of the objects of a file, and the number of objects; None if a row is not an object.

    SQL counts the keys before Python has them: two million lines with a key of their own each took 1.2 GB.
    """
    [(names, width, objects)] = con.execute(
        f"""
        WITH shapes AS MATERIALIZED (SELECT {keys} AS keys, count(*) AS lines FROM {relation} GROUP BY keys),
        names AS MATERIALIZED (SELECT DISTINCT unnest(keys) AS name FROM shapes)
        SELECT
            (SELECT list(name) FROM (FROM names LIMIT $limit)),
            (SELECT count(*) FROM names),
            (SELECT CASE WHEN count(keys) = count(*) THEN coalesce(sum(lines), 0) END FROM shapes)
        """,
        {"limit": file.limits.columns},
    ).fetchall()
    _check_width(file, width)
    return sorted(names or []), objects


def _read_jsonl(load: Load, inspected: Inspected) -> int:
    values, structure = _json_values(inspected.columns)
    if not inspected.is_exact:
        relation = f"""(
            SELECT json AS object, from_json(json, {structure}) AS struct, 1 AS line
            FROM {_ndjson(inspected.file)}
        )"""
        with suppress(*UNREAD):
            rows = _insert(load, inspected, values, relation)
            _number_lines(load, inspected.file, header_lines=0)
            return rows
    return _read_records(load, inspected, values, f"object, from_json(object, {structure}) AS struct")


def _json_values(columns: Sequence[str]) -> tuple[list[str], str]:
    """Expressions for the values of the keys, and the structure of the struct that they are taken from.

    One pass over an object finds all keys, except keys that a struct cannot hold side by side, because it compares
    names without case.
    """
    in_struct = {name.lower(): name for name in reversed(columns) if name}
    values = [
        f"struct_extract(struct, {literal(name)})"
        if in_struct.get(name.lower()) == name
        else f"json_extract_string(object, {literal(_json_pointer(name))})"
        for name in columns
    ]
    return values, literal(json.dumps(dict.fromkeys(in_struct.values(), "VARCHAR"), ensure_ascii=False))


def _json_pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _read_records(load: Load, inspected: Inspected, values: Sequence[str], from_record: str) -> int:
    """The exact way: broken records go to the rejects, the others to the stage."""
    file = inspected.file
    with records.split(load.con, file, len(inspected.columns), inspected.header_lines):
        rejected = load.con.execute(
            "INSERT INTO rejects SELECT $file, line, reason, raw_text FROM records WHERE reason IS NOT NULL",
            {"file": file.name},
        ).fetchall()[0][0]
        if not inspected.columns:
            return rejected
        relation = f"(SELECT {from_record}, line FROM records WHERE reason IS NULL)"
        return rejected + _insert(load, inspected, values, relation)


# Parquet


def _parquet(file: SourceFile, utf8_validation: str = "strict") -> str:
    return f"read_parquet({literal(file.pattern)}, hive_partitioning = false, utf8_validation = '{utf8_validation}')"


def _inspect_parquet(con: duckdb.DuckDBPyConnection, file: SourceFile) -> Inspected:
    try:
        # The root of the schema has all columns as children. DESCRIBE takes time with the square of their number.
        [(width,)] = con.execute(
            "SELECT arg_min(num_children, column_id) FROM parquet_schema(?)", [file.pattern]
        ).fetchall()
        _check_width(file, width)
        described = con.execute(f"DESCRIBE FROM {_parquet(file)}").fetchall()
    except duckdb.Error as error:
        raise LandingError(
            f"{file.name} is not a readable Parquet file ({reason_of(error)}). Copy the whole file there "
            "again, or remove it."
        ) from error
    [(rows,)] = con.execute("SELECT num_rows FROM parquet_file_metadata(?)", [file.pattern]).fetchall()
    files.check_lines(file, rows)
    _check_expanded(con, file, described)
    return Inspected(file, [row[0] for row in described], rows, types=[row[1] for row in described])


def _length(value: str, data_type: DuckDBPyType, depth: int = 0) -> str:
    """The bytes of a value's texts, also of those in lists and structs, as an expression; empty if it has none."""
    kind, element = data_type.id, f"element_{depth}"
    if kind in ("varchar", "blob"):
        return f"{'strlen' if kind == 'varchar' else 'octet_length'}({value})"
    children: list[tuple[str, Any]] = data_type.children if kind in ("list", "map", "struct") else []
    if kind == "list":
        inner = _length(element, children[0][1], depth + 1)
        return f"list_sum(list_transform({value}, lambda {element}: {inner}))" if inner else ""
    if kind == "map":
        parts = [(f"map_{name}s({value})", duckdb.list_type(of)) for name, of in children]
    else:
        parts = [(f"struct_extract({value}, {literal(name)})", of) for name, of in children]
    lengths = [length for part, of in parts if (length := _length(part, of, depth))]
    return f"({' + '.join(f'coalesce({length}, 0)' for length in lengths)})" if lengths else ""


def _check_expanded(con: duckdb.DuckDBPyConnection, file: SourceFile, described: Sequence[tuple[str, ...]]) -> None:
    """Compression can hide billions of equal values (as text each has a byte or more), a dictionary also long ones."""
    limits = file.limits
    # No value is longer than all of its column chunk.
    least, most = "greatest(total_uncompressed_size, num_values)", "num_values::DOUBLE * total_uncompressed_size"
    [(size, bound)] = con.execute(
        f"SELECT coalesce(sum({least}), 0), coalesce(sum({most}), 0) FROM parquet_metadata(?)", [file.pattern]
    ).fetchall()
    if size > limits.file_bytes:
        raise files.too_large(file, "has more than", limits.file_bytes, "FILE_SIZE")
    texts = [_length(quote(name), con.type(data_type)) for name, data_type, *_ in described]
    if bound <= limits.record_bytes or not any(texts):
        return
    # Lengths only: for a dictionary, DuckDB finds them without writing the values out.
    lengths = f"SELECT list_sum([{', '.join(filter(None, texts))}]) AS length FROM {_parquet(file, 'ignore')}"
    try:
        [(size, longest)] = con.execute(
            f"SELECT coalesce(sum(length), 0), coalesce(max(length), 0) FROM ({lengths})"
        ).fetchall()
    except duckdb.Error:
        return  # Reading the file will fail in the same way, and says so.
    if size > limits.file_bytes:
        raise files.too_large(file, "has more than", limits.file_bytes, "FILE_SIZE")
    if longest > limits.record_bytes:
        raise files.too_large(file, "has a row of more than", limits.record_bytes, "RECORD_SIZE")


def _read_parquet(load: Load, inspected: Inspected) -> int:
    columns = [f"c{position}" for position in range(len(inspected.columns))]
    values = [_as_text(column, data_type) for column, data_type in zip(columns, inspected.types, strict=True)]

    # The reader's own column, which a column of the file with this name would hide if it kept its name.
    def rows(utf8_validation: str) -> str:
        file = _parquet(inspected.file, utf8_validation)
        return f"(SELECT *, file_row_number + 1 AS line FROM {file} AS file({', '.join(columns)}))"

    # Each row knows its line, so order does not matter. If order were kept, much of the table would be written twice:
    # first in partly filled row groups, then by the checkpoint.
    load.con.execute("SET preserve_insertion_order = false")
    try:
        return _insert(load, inspected, values, rows("strict"))
    except duckdb.InvalidInputException as error:
        if reason_of(error) != NOT_UTF8:
            raise
        rejected = _reject_not_utf8(load.con, inspected, values, rows("ignore"), rows("replace"))
        relation = f"(FROM {rows('ignore')} ANTI JOIN (FROM rejects WHERE path = $file) USING (line))"
        return rejected + _insert(load, inspected, values, relation)
    finally:
        load.con.execute("RESET preserve_insertion_order")


def _reject_not_utf8(
    con: duckdb.DuckDBPyConnection, inspected: Inspected, values: Sequence[str], shortened: str, marked: str
) -> int:
    """Adds the rows with a text that is not UTF-8 to the rejects.

    DuckDB leaves the wrong bytes out or writes question marks for them. Where the two differ there were some.
    """
    fields = ", ".join(f"{literal(name)}, {value}" for name, value in zip(inspected.columns, values, strict=True))
    text = f"json_object({fields})::VARCHAR"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE beyond_ascii AS
        SELECT line, CASE WHEN shortened.text <> marked.text THEN marked.text END AS broken
        FROM (SELECT line, {text} AS text FROM {shortened}) AS shortened
        JOIN (SELECT line, {text} AS text FROM {marked}) AS marked USING (line)
        WHERE shortened.text <> marked.text OR strlen(marked.text) <> length(marked.text)
        """
    )
    try:
        total = con.execute("SELECT num_rows FROM parquet_file_metadata(?)", [inspected.file.pattern]).fetchall()[0][0]
        counts = "count(broken), count_if(broken IS NULL), $total, min(line) FILTER (broken IS NOT NULL)"
        [found] = con.execute(f"SELECT {counts} FROM beyond_ascii", {"total": total}).fetchall()
        files.check_encoding(inspected.file, *found)
        return con.execute(
            "INSERT INTO rejects SELECT $file, line, $reason, broken FROM beyond_ascii WHERE broken IS NOT NULL",
            {"file": inspected.file.name, "reason": records.NOT_UTF8},
        ).fetchall()[0][0]
    finally:
        con.execute("DROP TABLE beyond_ascii")


def _as_text(column: str, data_type: str) -> str:
    """A Parquet value as text: times in UTC, decimals exact, nested values as JSON."""
    if data_type == "VARCHAR":
        return column
    if data_type == "TIMESTAMP WITH TIME ZONE":
        return f"({column} AT TIME ZONE 'UTC')::VARCHAR"
    if data_type == "BLOB":  # text of writers that do not declare it as text
        return f"coalesce(try(decode({column})), {column}::VARCHAR)"
    if data_type.endswith("]") or data_type.startswith(("STRUCT(", "MAP(", "UNION(")):
        return f"to_json({column})::VARCHAR"
    return f"{column}::VARCHAR"


# All


def _insert(
    load: Load, inspected: Inspected, values: Sequence[str], relation: str, parameters: dict[str, str] | None = None
) -> int:
    """The one wide write: every column under its landed name, with what landing knows about the row beside it.

    `relation` has the columns that `values` read, none of them named by the file, and `line`. Text is trimmed here, and
    blank becomes null (R1.1). Otherwise every reader of a raw table would have to do it, even for rows that it drops.
    """
    found: dict[str, list[str]] = {}
    marker = literal(contract.NULL_MARKER) if inspected.file.format in ("csv", "tsv") else None
    cells: dict[str, list[str]] = {}
    months = inspected.months or [""] * len(values)
    for name, value, month in zip(inspected.names, values, months, strict=True):
        filled = f"nullif({value}, {marker})" if marker else value
        (cells.setdefault(month, []) if month else found.setdefault(load.names.add(name), [])).append(filled)
    line = "line"
    if cells and (month_columns := load.table.month_columns):
        found[month_columns.month] = [f"[{', '.join(map(literal, cells))}][cell + 1]"]
        found[month_columns.value] = [f"[{', '.join(map(_first_filled, cells.values()))}][cell + 1]"]
        relation = f"(SELECT *, unnest(range({inspected.cells})) AS cell FROM {relation})"
        # Unique in the stage; versions.merge makes it the line of the file again.
        line = f"line * {inspected.cells} + cell"
    texts = ", ".join(f"{_first_filled(texts)} AS t{number}" for number, texts in enumerate(found.values()))
    trimmed = {name: sql_macro("trim_text")(f"t{number}") for number, name in enumerate(found)}
    generated = {name: f"c{number}" for number, name in enumerate(load.names.all)}
    contents = ", ".join(f"{trimmed.get(name, 'NULL::VARCHAR')} AS {column}" for name, column in generated.items())
    column = generated.__getitem__
    technical = {
        "_row_key": contract.key_sql(load.table, column),
        "_version_at": contract.version_sql(load.table, load.names, column),
        "_is_deleted": contract.deleted_sql(load.table, load.names, column),
        "_source_file": "$file",
        "_source_revision": "$revision",
        "_source_line": "line",
        "_loaded_at": "$loaded_at",
        "_load_id": "$load_id",
        "_content_hash": contract.hash_sql(load.names, column),
    }
    con = load.con
    # Two optimizers take time that is quadratic in the number of columns and find nothing here. DuckDB compares every
    # expression of a SELECT with all others: 450 trimmed columns took 3.6 s to plan, now 0.3 s. The exact way took 9 s
    # for the statistics of 900.
    con.execute("SET disabled_optimizers = 'common_subexpressions,statistics_propagation'")
    try:
        return con.execute(
            f"""
            INSERT INTO {load.stage} ({", ".join([*map(quote, generated), *technical])})
            SELECT {", ".join([*generated.values(), *technical.values()])}
            FROM (SELECT {contents}, line FROM (SELECT {texts}, {line} AS line FROM {relation}))
            """,
            {
                "file": inspected.file.name,
                "revision": load.revisions[inspected.file.name],
                "loaded_at": load.loaded_at,
                "load_id": load.load_id,
            }
            | (parameters or {}),
        ).fetchall()[0][0]
    finally:
        con.execute("RESET disabled_optimizers")


def _first_filled(values: Sequence[str]) -> str:
    """A column that the file has once, or under several spellings."""
    if len(values) == 1:
        return values[0]
    filled = [f"nullif({value}, '')" for value in values]
    return f"coalesce({', '.join(filled)})"
