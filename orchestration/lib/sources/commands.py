"""The live sources from a terminal: `python -m orchestration extract | reconcile | check-salesforce`."""

from collections.abc import Callable, Iterable

from orchestration.lib.errors import UserError
from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.settings import Settings
from orchestration.lib.sources import run
from orchestration.lib.sources.run import ExtractionResult

Report = Callable[[str], None]


def extract(settings: Settings, report: Report) -> None:
    """Extracts what is new in the live systems into the landing folder."""
    if tables := _tables(settings, report):
        _finish(run.extract_all(settings, tables, report=report))


def reconcile(settings: Settings, report: Report, accept_mass_deletion: bool = False) -> None:
    """Finds what an extraction cannot: hard-deleted rows, rows never seen, calls corrected late."""
    if tables := _tables(settings, report):
        _finish(run.reconcile_all(settings, tables, report=report, accept_mass_deletion=accept_mass_deletion))


def check_salesforce(settings: Settings) -> None:
    """Connects to Salesforce and shows what would be extracted and what it costs; extracts nothing."""
    found = run.check_salesforce(settings)
    print("\n".join(found.lines()))
    if not found.ok:
        raise UserError("Salesforce cannot be extracted yet; see the messages above.")


def _tables(settings: Settings, report: Report) -> list[SourceTable]:
    tables = run.live_tables(settings)
    if not tables:
        report(
            "No live source is configured: all data comes from files. docs/live-sources.md and docs/sources.md explain "
            "how to connect one."
        )
    return tables


def _finish(results: Iterable[ExtractionResult]) -> None:
    errors = dict.fromkeys(result.error for result in results if result.error)
    if errors:
        raise UserError("\n".join(errors))
