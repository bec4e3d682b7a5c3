"""What can be known to be wrong before any work is done."""

from collections.abc import Callable

from orchestration.lib import dbt, rule_sheet
from orchestration.lib.settings import Settings


def check(settings: Settings, report: Callable[[str], None]) -> None:
    """Stops on a bad variable or rule sheet; tells what is odd about the sheet."""
    for warning in rule_sheet.check(settings.project_dir):
        report(f"Warning: {warning}")
    dbt.check_variables(settings)
