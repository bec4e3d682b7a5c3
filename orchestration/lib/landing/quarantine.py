"""What landing could not use, as lists for a terminal: quarantined records, and values that cannot be read."""

from pathlib import Path

import duckdb

from orchestration.lib.errors import UserError
from orchestration.lib.terminal import counted, printable, table

LONGEST = 100
EXAMPLES = 3

RECORDS = """
SELECT
    source || '/' || table_name AS table_name,
    reason,
    path,
    count(*) AS records,
    list(line ORDER BY line)[:$examples] AS lines,
    list(raw_text ORDER BY line)[:$examples] AS texts
FROM landing.quarantine
GROUP BY ALL
ORDER BY table_name, records DESC, reason, path
"""

VALUES = """
SELECT
    source || '/' || table_name AS table_name,
    column_name,
    path,
    count(*) AS values,
    list(line ORDER BY line)[:$examples] AS lines,
    list(value ORDER BY line)[:$examples] AS texts
FROM landing.uncast_values
GROUP BY ALL
ORDER BY table_name, values DESC, column_name, path
"""


def describe(warehouse: Path, *, raw: bool) -> str:
    """Both lists, by table, reason or column, and file. The text itself is personal data: only with `raw`."""
    if not warehouse.exists():
        raise UserError(f"{warehouse} does not exist: nothing has landed yet. Run `make build` first.")
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            records = connection.execute(RECORDS, {"examples": EXAMPLES}).fetchall()
            values = connection.execute(VALUES, {"examples": EXAMPLES}).fetchall()
    except duckdb.CatalogException as error:
        raise UserError(f"Nothing has landed in {warehouse} yet. Run `make build` first.") from error
    except duckdb.Error as error:
        raise UserError(f"{warehouse} cannot be read now. If a run writes to it, wait until it has ended.") from error
    lines = [
        *_section("Quarantined records", ("table", "reason", "file", "records"), records, raw),
        "",
        *_section("Values that cannot be read (empty downstream)", ("table", "column", "file", "values"), values, raw),
    ]
    if (records or values) and not raw:
        lines += ["", "RAW=1 also shows the text of the examples, which is personal data."]
    return "\n".join(lines)


def _section(title: str, header: tuple[str, ...], rows: list[tuple], raw: bool) -> list[str]:
    total = sum(row[3] for row in rows)
    lines = [f"{title}: {total:,}"]
    if not rows:
        return lines
    shown = [(*map(_text, row[:3]), row[3], ", ".join(map(_text, row[4]))) for row in rows[:LONGEST]]
    listed = table([*header, "for example in line"], shown)
    lines += ["", *listed[:2]]
    for line, row in zip(listed[2:], rows, strict=False):
        lines.append(line)
        if raw:
            lines += [f"      {_text(place)}: {_text(text)}" for place, text in zip(row[4], row[5], strict=True)]
    if len(rows) > LONGEST:
        lines.append(f"  ... and {counted(len(rows) - LONGEST, 'more line')} of this list")
    return lines


def _text(value: str | int | None) -> str:
    return "unknown" if value is None else printable(str(value))
