"""The report page: the published marts as one HTML file with charts, for readers without SQL.

The page is static: its scripts and its data are inside, and it requests nothing. The same marts give the same page, to
the byte. A separate process writes it, within limits. Whatever happens there, the marts stay published.
"""

import html
import re
from dataclasses import dataclass
from pathlib import Path

from orchestration.lib import child
from orchestration.lib.errors import UserError, reason_of
from orchestration.lib.files import temporary_name, write_text
from orchestration.lib.settings import Settings

# The page of the sample takes 6 CPU seconds, that of a million sessions 35 and over 2 GB of address space. The wall
# clock is for a machine that is busy with other things.
CPU_SECONDS = 900
SECONDS = 1800
MEMORY = 4 * 1024**3


class ReportError(UserError):
    """The page was not written; the previous page stays and says that it is out of date."""


@dataclass(frozen=True)
class Written:
    """Path and size of the page."""

    path: Path
    size: int
    figures: int


def path(settings: Settings) -> Path:
    """The page is beside the marts that it shows. Other marts in the same folder have pages of their own."""
    stem = settings.marts.stem
    return settings.marts.with_name("report.html" if stem == "marts" else f"{stem}.report.html")


def is_current(settings: Settings) -> bool:
    """Whether the page shows the version that readers of the marts see."""
    return f'<meta name="version" content="{html.escape(_version(settings))}">' in _read(path(settings))


def write(settings: Settings) -> Written:
    """Writes the page from the published marts and puts it in place in one step."""
    if not settings.marts.exists():
        raise UserError(f"{settings.marts} does not exist: there is nothing to report yet. Run `make build` first.")
    target, version = path(settings), _version(settings)
    part = temporary_name(target, "part")
    try:
        figures = _make(settings, version, part)
        # The page has the same readers as the marts.
        write_text(target, part.read_text(encoding="utf-8"), settings.marts_mode)
    except Exception as error:
        # Whatever it is: a run must not fail for its page.
        page = " The page of an earlier version stays and says so." if _mark_old(settings) else ""
        raise ReportError(
            f"The report page could not be made: {reason_of(error)}. The marts are published and complete.{page}"
            " `make report` tries again."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return Written(target, target.stat().st_size, figures)


def _make(settings: Settings, version: str, page: Path) -> int:
    shown = (version, settings.company_name, settings.salesforce_base_url)
    made = child.run(
        "orchestration.lib.report.page",
        str(settings.marts.resolve()),
        *shown,
        str(page),
        seconds=SECONDS,
        memory=MEMORY,
        cpu_seconds=CPU_SECONDS,
    )
    return int(made)


def _mark_old(settings: Settings) -> bool:
    """Puts a notice on a page that shows another version; returns whether there is such a page."""
    page = _read(path(settings))
    if "<header>" not in page or is_current(settings):
        return False
    notice = (
        '<p class="old"><strong>This page is out of date.</strong> It shows an earlier version of the marts;'
        f" {html.escape(_version(settings))} is published, and its page could not be made.</p>"
    )
    page = re.sub(r'<p class="old">.*?</p>', "", page)
    try:
        write_text(path(settings), page.replace("<header>", f"<header>{notice}", 1), settings.marts_mode)
    except OSError:  # Its disk can be full too.
        return False
    return True


def _read(page: Path) -> str:
    try:
        return page.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _version(settings: Settings) -> str:
    return settings.marts.resolve().name
