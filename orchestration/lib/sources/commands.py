"""The live sources from a terminal: `python -m orchestration extract | compare | check-salesforce`."""

from collections.abc import Callable, Iterable

from orchestration.lib.errors import UserError
from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.settings import Settings
from orchestration.lib.sources import run
from orchestration.lib.sources.run import Brought

Say = Callable[[str], None]


def extract(settings: Settings, say: Say) -> None:
    """Brings what is new in the live systems into the landing folder."""
    if tables := _tables(settings, say):
        _finish(run.extract_all(settings, tables, say=say))


def compare(settings: Settings, say: Say, accept_mass_deletion: bool = False) -> None:
    """Finds what an increment cannot: rows deleted for good, rows never seen, calls corrected late."""
    if tables := _tables(settings, say):
        _finish(run.compare_all(settings, tables, say=say, accept_mass_deletion=accept_mass_deletion))


def check_salesforce(settings: Settings) -> None:
    """Connects to Salesforce and shows what would be extracted and what it costs; extracts nothing."""
    found = run.check_salesforce(settings)
    print("\n".join(found.lines()))
    if not found.ok:
        raise UserError("Salesforce cannot be extracted like this; what to do stands beside the object above.")


def _tables(settings: Settings, say: Say) -> list[SourceTable]:
    tables = run.live_tables(settings)
    if not tables:
        say("No live source is configured: everything comes from files. docs/live-sources.md says how to connect one.")
    return tables


def _finish(results: Iterable[Brought]) -> None:
    errors = dict.fromkeys(result.error for result in results if result.error)
    if errors:
        raise UserError("\n".join(errors))
