"""The page itself: figures drawn and filled into the template.

It is a program of its own, `python -m orchestration.lib.report.page <marts> <version> <page>`: the library that draws
is native code, and what breaks it must not break a run.
"""

import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import jinja2
from markupsafe import Markup

from orchestration.lib.report import charts
from orchestration.lib.report.figures import FIGURES, KEY_NUMBERS, Figure, count, day, drawn

# Longer tables and texts belong to SQL, not to a page.
LONGEST_TABLE = 40
LONGEST_TEXT = 300
# Half of what the process may have (orchestration.lib.report).
MEMORY_OF_QUERIES = "1GB"


@dataclass(frozen=True)
class Rendered:
    """The page and how many figures have something to show."""

    html: str
    figures: int


def render(connection: duckdb.DuckDBPyConnection, version: str) -> Rendered:
    """Reads the marts, of which this is the version, and makes the page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    figures = [_filled(figure, _rows(connection, figure.sql)) for figure in FIGURES]
    html = environment.get_template("page.html.j2").render(
        numbers=_rows(connection, KEY_NUMBERS)[0],
        figures=figures,
        version=version,
        count=count,
        day=day,
    )
    return Rendered(html, sum(bool(figure["pictures"]) for figure in figures))


def _filled(figure: Figure, rows: list[dict[str, Any]]) -> dict[str, Any]:
    shown, others = drawn(figure, rows)
    return {
        "key": figure.key,
        "title": figure.title,
        "summary": figure.read(rows) if rows else figure.without,
        "note": " ".join(filter(None, (figure.note, others))),
        "legend": figure.legend,
        "sql": figure.sql.strip(),
        "pictures": [
            (name, Markup(charts.svg(figure.draw(shown, size))))
            for name, size in (("wide", charts.WIDE), ("narrow", charts.NARROW))
        ]
        if rows
        else [],
        "columns": figure.columns,
        "table": [[column.write(row[column.field]) for column in figure.columns] for row in shown[-LONGEST_TABLE:]],
        "left_out": max(len(shown) - LONGEST_TABLE, 0),
    }


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, map(_printable, row), strict=True)) for row in cursor.fetchall()]


def _printable(value: Any) -> Any:
    """Text that XML can hold, and no novel: a name from the data can contain any character, in any length."""
    if not isinstance(value, str):
        return value
    text = _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", value)
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def main(marts: str, version: str, page: str) -> None:
    """Writes the page and prints how many figures have something to show."""
    with (
        tempfile.TemporaryDirectory() as spill,
        duckdb.connect(
            marts,
            read_only=True,
            config={
                "autoinstall_known_extensions": "false",
                "memory_limit": MEMORY_OF_QUERIES,
                "temp_directory": spill,
            },
        ) as connection,
    ):
        connection.execute("SET TimeZone = 'UTC'")
        rendered = render(connection, version)
    Path(page).write_text(rendered.html, encoding="utf-8")
    print(rendered.figures)


if __name__ == "__main__":
    main(*sys.argv[1:])
