"""The page itself: figures drawn and filled into the template."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import jinja2
from markupsafe import Markup

from orchestration.lib.report import charts
from orchestration.lib.report.figures import FIGURES, KEY_NUMBERS, Figure, count

# Longer tables belong to SQL, not to a page.
LONGEST_TABLE = 40


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
    )
    return Rendered(html, sum(bool(figure["pictures"]) for figure in figures))


def _filled(figure: Figure, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "key": figure.key,
        "title": figure.title,
        "summary": figure.read(rows) if rows else figure.without,
        "note": figure.note,
        "legend": figure.legend,
        "sql": figure.sql.strip(),
        "pictures": [
            (name, Markup(charts.svg(figure.draw(rows, size))))
            for name, size in (("wide", charts.WIDE), ("narrow", charts.NARROW))
        ]
        if rows
        else [],
        "columns": figure.columns,
        "table": [[column.write(row[column.field]) for column in figure.columns] for row in rows[-LONGEST_TABLE:]],
        "left_out": max(len(rows) - LONGEST_TABLE, 0),
    }


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
