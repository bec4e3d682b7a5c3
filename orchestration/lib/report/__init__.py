"""The report page: the published marts as one HTML file with charts, for readers without SQL.

The page is static: no script, no request, nothing but itself. The same marts give the same page, to the byte.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.lib.errors import UserError
from orchestration.lib.settings import Settings

FILE_NAME = "report.html"


@dataclass(frozen=True)
class Written:
    """Where the page is and how much it is."""

    path: Path
    size: int
    figures: int


def path(settings: Settings) -> Path:
    """The page is beside the marts that it shows."""
    return settings.marts.with_name(FILE_NAME)


def is_current(settings: Settings) -> bool:
    """Whether the page was made after the marts that it shows were published or gone back to."""
    page = path(settings)
    return page.exists() and page.stat().st_mtime_ns > settings.marts.lstat().st_mtime_ns


def write(settings: Settings) -> Written:
    """Makes the page from the published marts and puts it in place in one step."""
    from orchestration.lib.report import page

    target = path(settings)
    with _reader(settings.marts) as connection:
        rendered = page.render(connection)
    temporary = target.with_name(f".{target.name}.part")
    temporary.write_text(rendered.html, encoding="utf-8")
    os.replace(temporary, target)
    return Written(target, target.stat().st_size, rendered.figures)


def _reader(marts: Path) -> duckdb.DuckDBPyConnection:
    if not marts.exists():
        raise UserError(f"{marts} does not exist: there is nothing to report yet. Run `make build` first.")
    connection = duckdb.connect(str(marts), read_only=True, config={"autoinstall_known_extensions": "false"})
    connection.execute("SET TimeZone = 'UTC'")
    return connection
