"""The report page: the published marts as one HTML file with charts, for readers without SQL.

The page is static: no script, no request, nothing but itself. The same marts give the same page, to the byte.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.lib.errors import UserError
from orchestration.lib.files import write_text
from orchestration.lib.settings import Settings


@dataclass(frozen=True)
class Written:
    """Where the page is and how much it is."""

    path: Path
    size: int
    figures: int


def path(settings: Settings) -> Path:
    """The page is beside the marts that it shows. Other marts in the same folder have pages of their own."""
    stem = settings.marts.stem
    return settings.marts.with_name("report.html" if stem == "marts" else f"{stem}.report.html")


def is_current(settings: Settings) -> bool:
    """Whether the page shows the version that readers of the marts see."""
    try:
        page = path(settings).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    return f'<meta name="version" content="{_version(settings)}">' in page


def write(settings: Settings) -> Written:
    """Makes the page from the published marts and puts it in place in one step."""
    from orchestration.lib.report import page

    target = path(settings)
    with _reader(settings.marts) as connection:
        rendered = page.render(connection, _version(settings))
    write_text(target, rendered.html)
    return Written(target, target.stat().st_size, rendered.figures)


def _version(settings: Settings) -> str:
    return settings.marts.resolve().name


def _reader(marts: Path) -> duckdb.DuckDBPyConnection:
    if not marts.exists():
        raise UserError(f"{marts} does not exist: there is nothing to report yet. Run `make build` first.")
    connection = duckdb.connect(str(marts), read_only=True, config={"autoinstall_known_extensions": "false"})
    connection.execute("SET TimeZone = 'UTC'")
    return connection
