"""Reads a text file exactly: its physical lines, the records that they form, and which records are broken.

Used where the fast way does not account for every line: a record that does not split into its header's columns, a
line that is not JSON, blank lines between records; and for the raw text of what is quarantined.

Where a CSV record starts depends on whether a quote is open at the end of the line before, and so on to the top. What
one line does to that state is one of four functions: set it to open, set it to closed, keep it, swap it. So one pass
gives the state after every line: the value of the last line that sets it, swapped as often as later lines swap it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from orchestration.lib.landing import files
from orchestration.lib.landing.errors import LandingError
from orchestration.lib.landing.files import SourceFile

# RFC 4180: a field is quoted, with quotes inside doubled, or has no comma and does not start with a quote. A quote
# further in is text, as in 5" pipe.
FIELD = r'(?:"(?:[^"]|"")*"|[^,"][^,]*|)'
RECORD = rf"{FIELD}(?:,{FIELD})*"
LEFT_OPEN = rf'(?:{FIELD},)*"(?:[^"]|"")*'


@contextmanager
def split(con: duckdb.DuckDBPyConnection, file: SourceFile, width: int, header_lines: int = 1) -> Iterator[None]:
    """Temporary table `records`: line on which it starts, raw text, reason why it is none (null: it is one), and its
    values: `fields` of a CSV or TSV file with `width` columns, `object` of JSON lines. Blank lines are not records."""
    con.execute("CREATE OR REPLACE TEMP TABLE lines (line BIGINT, text VARCHAR, is_utf8 BOOLEAN)")
    limits = file.limits
    first_broken, size, next_size, next_line = None, 0, 2 * limits.record_bytes, 2 * limits.quarantined
    try:
        for before, block, broken in files.line_blocks(file):
            con.execute(
                """
                INSERT INTO lines
                SELECT line, text, line NOT IN (SELECT unnest($broken::BIGINT[]))
                FROM (
                    SELECT $before + unnest(generate_series(1, len(texts))) AS line, unnest(texts) AS text
                    FROM (SELECT string_split($block, chr(10)) AS texts)
                )
                """,
                {"before": before, "block": block, "broken": broken},
            )
            if broken and not first_broken:
                first_broken = broken[0]
            # A quote that stays open and too many broken records are found before the rest is read.
            size, line = size + len(block), before + block.count("\n") + 1
            if size > next_size or line > next_line:
                _form_records(con, file, width, header_lines)
                _check_broken(con, file, first_broken)
                next_size, next_line = 4 * size, 4 * line
        if first_broken:
            _check_encoding(con, file, first_broken)
        _form_records(con, file, width, header_lines)
        yield
    finally:
        con.execute("DROP TABLE IF EXISTS lines; DROP TABLE IF EXISTS starts; DROP TABLE IF EXISTS records")


def _form_records(con: duckdb.DuckDBPyConnection, file: SourceFile, width: int, header_lines: int) -> None:
    if file.format == "csv":
        con.execute(_STARTS)
        limit = file.limits.record_bytes
        if con.execute(_TOO_LONG, {"limit": limit}).fetchall():
            what = "has a record of more than one line (perhaps a quote is not closed) with more than"
            raise files.too_large(file, what, limit, "RECORD_SIZE")
    statement = {"csv": _CSV, "tsv": _TSV, "jsonl": _JSONL}[file.format]
    con.execute(statement.format(width=width, header_lines=header_lines, not_utf8=NOT_UTF8))


def _check_broken(con: duckdb.DuckDBPyConnection, file: SourceFile, first_not_utf8: int | None) -> None:
    """Raises if too many records of what was read so far are broken. The last one may only be incomplete."""
    limit = file.limits.quarantined
    [(broken, total)] = con.execute(
        "SELECT count(reason), count(*) FROM records WHERE line < (SELECT max(line) FROM records)"
    ).fetchall()
    if broken <= limit:
        return
    if first_not_utf8:
        _check_encoding(con, file, first_not_utf8)
    if file.format == "jsonl" and broken == total:
        check_json_lines(con, file, is_whole=False)
    raise files.too_large(file, "has more than", limit, "QUARANTINED")


def _check_encoding(con: duckdb.DuckDBPyConnection, file: SourceFile, first_broken: int) -> None:
    [(not_utf8, beyond_ascii, total)] = con.execute(_ENCODING).fetchall()
    files.check_encoding(file, not_utf8, beyond_ascii, total, first_broken)


def check_json_lines(con: duckdb.DuckDBPyConnection, file: SourceFile, is_whole: bool = True) -> None:
    """Raises if a file without an object on any line is as a whole one JSON document with objects."""
    # A document over the limit of a record, or read in part, is recognised by its beginning.
    limit = file.limits.record_bytes
    [(size, first)] = con.execute(
        "SELECT coalesce(sum(strlen(text) + 1), 0), coalesce(arg_min(left(trim(raw_text), 2), records.line), '') "
        "FROM lines LEFT JOIN records USING (line)"
    ).fetchall()
    if is_whole and size <= limit:
        document = "(SELECT string_agg(text, chr(10) ORDER BY line) AS text FROM lines)"
        kind = "CASE WHEN json_valid(text) THEN concat(left(json_type(text), 1), left(json_type(text, '$[0]'), 1)) END"
        [(found,)] = con.execute(f"SELECT {kind} FROM {document}").fetchall()
        is_array, is_document = found == "AO", found in ("AO", "O")
    else:
        is_array, is_document = first in ("[", "[{"), first in ("[", "[{", "{")
    if is_document:
        what, write = ("an array", "jq -c '.[]'") if is_array else ("an object of many lines", "jq -c .")
        raise LandingError(
            f"{file.name} is one JSON document ({what}) and not JSON lines. Write one object per line, for example "
            f"with `{write}`, or remove the file."
        )


NOT_UTF8 = "bytes that are not UTF-8"

_ENCODING = """
SELECT count_if(NOT is_utf8), count_if(is_utf8 AND strlen(text) <> length(text)), count(*) FROM lines
"""

# No quotes and no escapes: Snowplow replaces tabs and line breaks inside values.
_TSV = """
CREATE OR REPLACE TEMP TABLE records AS
SELECT
    line,
    text AS raw_text,
    string_split(rtrim(text, chr(13)), chr(9)) AS fields,
    CASE
        WHEN NOT is_utf8 THEN '{not_utf8}'
        WHEN len(fields) < {width} THEN format('too few values: {{}} of {width}', len(fields))
        WHEN len(fields) > {width} THEN format('too many values: {{}} instead of {width}', len(fields))
    END AS reason
FROM lines
WHERE line > {header_lines} AND rtrim(text, chr(13)) <> ''
"""

_JSONL = """
CREATE OR REPLACE TEMP TABLE records AS
SELECT
    line,
    text AS raw_text,
    CASE
        WHEN NOT is_utf8 THEN '{not_utf8}'
        WHEN NOT json_valid(text) THEN 'no valid JSON'
        WHEN json_type(text) <> 'OBJECT' THEN 'no JSON object'
    END AS reason,
    CASE WHEN reason IS NULL THEN text::JSON END AS object
FROM lines
WHERE trim(text, ' ' || chr(9) || chr(13)) <> ''
"""

# The record to which each line belongs. Only lines with a quote change the state. Windows hold all of their rows in
# memory, so only these lines go through them: a file of 2.5 million lines under one quote took 480 instead of 625 MB.
# Line numbers and swaps only grow, so the greatest so far is that of the last line that sets the state: last_value()
# without nulls took 50 s for 900,000 lines, this 2 s. The patterns are written into the statement: as parameters they
# would be compiled for every row.
_STARTS = f"""
CREATE OR REPLACE TEMP TABLE starts AS
WITH effects AS (
    SELECT
        line,
        regexp_full_match(text, '{LEFT_OPEN}') AS from_closed,
        regexp_full_match('"' || text, '{LEFT_OPEN}') AS from_open
    FROM lines
    WHERE contains(text, '"')
),

swapped AS (
    SELECT *, count_if(from_closed AND NOT from_open) OVER (ORDER BY line) AS swaps FROM effects
),

anchored AS (
    SELECT
        *,
        max(CASE WHEN from_closed = from_open THEN 2 * line + from_open::INT END) OVER by_line % 2 = 1 AS last_set_to,
        max(CASE WHEN from_closed = from_open THEN swaps END) OVER by_line AS swaps_by_then
    FROM swapped
    WINDOW by_line AS (ORDER BY line)
),

opened AS (
    SELECT
        line,
        coalesce(last_set_to, false) <> ((swaps - coalesce(swaps_by_then, 0)) % 2 = 1) AS is_open_after
    FROM anchored
),

continued AS (
    SELECT *, lag(is_open_after, 1, false) OVER (ORDER BY line) AS is_continued FROM opened
),

quoted AS (
    SELECT line, is_open_after, max(CASE WHEN NOT is_continued THEN line END) OVER (ORDER BY line) AS record
    FROM continued
),

every_line AS (
    SELECT line, text IN ('', chr(13)) AS is_blank FROM lines
)

SELECT
    every_line.line,
    CASE WHEN quoted.is_open_after OR quoted.line = every_line.line THEN quoted.record
        ELSE every_line.line
    END AS record
FROM every_line
ASOF LEFT JOIN quoted ON every_line.line >= quoted.line
WHERE quoted.is_open_after OR NOT every_line.is_blank
"""

_TOO_LONG = """
SELECT record FROM starts JOIN lines USING (line) GROUP BY record HAVING sum(strlen(text) + 1) > $limit LIMIT 1
"""

_CSV = f"""
CREATE OR REPLACE TEMP TABLE records AS
WITH joined AS (
    SELECT
        record AS line,
        rtrim(string_agg(text, chr(10) ORDER BY line), chr(13)) AS raw_text,
        bool_and(is_utf8) AS is_utf8
    FROM starts
    JOIN lines USING (line)
    GROUP BY record
    -- The first one is the header.
    QUALIFY row_number() OVER (ORDER BY record) > 1
),

parted AS (
    SELECT
        line,
        raw_text,
        is_utf8,
        contains(raw_text, '"') AND NOT regexp_full_match(raw_text, '{RECORD}') AS is_broken,
        CASE WHEN contains(raw_text, '"')
            THEN regexp_extract_all(',' || raw_text, ',({FIELD})', 1)
            ELSE string_split(raw_text, ',')
        END AS fields
    FROM joined
)

SELECT
    line,
    raw_text,
    CASE
        WHEN NOT is_utf8 THEN '{{not_utf8}}'
        WHEN is_broken THEN 'a quoted value is not closed, or text follows its closing quote'
        WHEN len(fields) < {{width}} THEN format('too few values: {{{{}}}} of {{width}}', len(fields))
        WHEN len(fields) > {{width}} THEN format('too many values: {{{{}}}} instead of {{width}}', len(fields))
    END AS reason,
    list_transform(
        fields,
        lambda field: CASE WHEN starts_with(field, '"')
            THEN replace(substr(field, 2, length(field) - 2), '""', '"')
            ELSE field
        END
    ) AS fields
FROM parted
"""
