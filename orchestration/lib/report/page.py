"""The page itself: fills the template with drawn figures and the explorer's data and scripts.

It is a program of its own, `python -m orchestration.lib.report.page <marts> <version> <company> <salesforce> <page>`:
the drawing library is native code, and its failure must not end a run.
"""

import base64
import hashlib
import json
import re
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import vl_convert
from markupsafe import Markup

from orchestration.lib.report import charts, explorer
from orchestration.lib.report.figures import KEY_NUMBERS, SECTIONS, Figure, count, day, drawn
from orchestration.lib.terminal import counted

# Half of what the process may have (orchestration.lib.report).
MEMORY_OF_QUERIES = "1GB"
FOLDER = Path(__file__).parent

SETTINGS = """
SELECT meaning, value, value <> default_value AS is_changed
FROM docs_variables
ORDER BY is_changed DESC
"""
# The published file has this table; a build that was not published yet does not.
CHANGES = """
WITH channels AS (
    SELECT
        channel_path,
        cause,
        sum(calls)::BIGINT AS calls,
        sum(touches)::BIGINT AS touches,
        coalesce(sum(revenue) FILTER (model = 'full_path'), 0) AS won,
        coalesce(sum(pipeline_revenue) FILTER (model = 'full_path'), 0) AS still_open
    FROM rpt_changes
    GROUP BY channel_path, cause
)

SELECT
    channels.*,
    (SELECT any_value(version_before) FROM rpt_changes) AS version_before,
    -- That of both causes contains the others.
    (SELECT max_by(explanation, strlen(explanation)) FROM rpt_changes) AS explanation
FROM channels
ORDER BY abs(won) DESC, abs(touches) DESC, channel_path, cause
LIMIT 30
"""
# The corporate currency is that of all opportunities, if they have one alone, else the only one whose rate is 1.
CURRENCY = """
SELECT coalesce(
    (SELECT any_value(CURRENCY_ISO_CODE) FROM biz_opportunities HAVING count(DISTINCT CURRENCY_ISO_CODE) = 1),
    (SELECT any_value(SOURCE_ISO_CODE) FROM biz_conversion_rates WHERE CONVERSION_RATE = 1
     HAVING count(DISTINCT SOURCE_ISO_CODE) = 1)
)
"""


@dataclass(frozen=True)
class Rendered:
    """The page and how many figures have something to show."""

    html: str
    figures: int


@dataclass(frozen=True)
class Origin:
    """What the page says about itself: the version that it shows, the company's name, and the address of its
    Salesforce."""

    version: str
    company: str = ""
    salesforce: str = ""

    @property
    def built_at(self) -> str:
        """The time in the version's name: `marts.000001.20261128T132420Z.duckdb`."""
        found = re.search(r"\.(\d{8}T\d{6})Z\.", self.version)
        return f"{datetime.strptime(found[1], '%Y%m%dT%H%M%S').replace(tzinfo=UTC):%Y-%m-%d %H:%M} UTC" if found else ""


def render(connection: duckdb.DuckDBPyConnection, origin: Origin) -> Rendered:
    """Reads the marts and makes the page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    changes, costs = _changes(connection), explorer.costs(connection)
    # Nothing to compare with, or a feature that not everybody uses: the page does not mention it.
    missing = {key for key, rows in {"changes": changes, "costs": costs}.items() if not rows}
    sections = [
        _filled(section, _rows(connection, section.sql))
        if isinstance(section, Figure)
        else {"template": section.key, "key": section.key, "title": section.title}
        for section in SECTIONS
        if section.key not in missing
    ]
    figures = [section for section in sections if section["template"] == "figure"]
    verdicts = _rows(connection, "SELECT verdict, title, explanation FROM docs_verdicts ORDER BY verdict_order")
    data = {
        "facts": explorer.facts(connection),
        "quality": explorer.quality(connection),
        "calls": explorer.calls_to_report(connection),
        "costs": costs,
        "models": explorer.MODELS,
        "verdicts": {row["verdict"]: row["title"] for row in verdicts},
        "tables": {figure["key"]: figure["table"] for figure in figures if figure["pictures"]},
        "salesforce": origin.salesforce,
    }
    # The library's type stub knows no default.
    library = vl_convert.javascript_bundle()  # pyright: ignore[reportCallIssue]
    scripts = [_inside(library), _inside((FOLDER / "page.js").read_text(encoding="utf-8"))]
    variables = _rows(connection, "SELECT variable, value FROM docs_variables")
    html = environment.get_template("page.html.j2").render(
        sections=sections,
        numbers=_rows(connection, KEY_NUMBERS)[0],
        origin=origin,
        currency=_rows(connection, CURRENCY)[0].popitem()[1],
        settings=_settings(connection),
        changes=changes,
        counted=counted,
        signed=lambda value: f"{value:+,.0f}".replace("-", "\N{MINUS SIGN}"),
        window={row["variable"]: row["value"].strip('"') for row in variables},
        models=explorer.MODELS.values(),
        verdicts=verdicts,
        is_empty=not data["facts"]["rows"]["day"],
        to_report=explorer.TO_REPORT.strip(),
        costs=explorer.COSTS.strip(),
        data=explorer.packed(data),
        scripts=[Markup(script) for script in scripts],
        hashes=[base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts],
        count=count,
        day=day,
    )
    return Rendered(html, sum(bool(figure["pictures"]) for figure in figures))


def _changes(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """What the last publication changed; nothing for the first one."""
    found = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'rpt_changes'").fetchall()
    return _rows(connection, CHANGES) if found[0][0] else []


def _settings(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    rows = connection.execute(SETTINGS).fetchall()
    return [
        {"meaning": meaning, "value": explorer.shortened(_plain(value)), "is_changed": is_changed}
        for meaning, value, is_changed in rows
    ]


def _plain(value: str) -> str:
    """A setting's value, which is JSON, as people write it."""
    value = json.loads(value)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _inside(script: str) -> str:
    """A script as the text of an element, without anything that would end the element."""
    assert not re.search("</script|<!--", script, re.IGNORECASE)
    return script


def _filled(figure: Figure, rows: list[dict[str, Any]]) -> dict[str, Any]:
    shown, others = drawn(figure, rows)
    return {
        "template": "figure",
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
        "table": {
            "title": figure.title,
            "columns": [
                {"title": column.heading, "kind": "number" if column.is_number else "text"} for column in figure.columns
            ],
            "rows": [[_cell(column, row[column.field]) for column in figure.columns] for row in shown],
        },
    }


def _cell(column: Any, value: Any) -> Any:
    """A text, or a number with the text that shows it."""
    text = column.write(value)
    if not column.is_number:
        return str(value) if isinstance(value, date) else text
    return [None if value is None or value == "" else float(value), text]


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or []]
    return [
        dict(zip(names, (explorer.shortened(value) if isinstance(value, str) else value for value in row), strict=True))
        for row in cursor.fetchall()
    ]


def main(marts: str, version: str, company: str, salesforce: str, page: str) -> None:
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
        rendered = render(connection, Origin(version, company, salesforce))
    Path(page).write_text(rendered.html, encoding="utf-8")
    print(rendered.figures)


if __name__ == "__main__":
    main(*sys.argv[1:])
