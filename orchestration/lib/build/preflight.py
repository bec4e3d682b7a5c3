"""Checks that run before any work is done."""

from collections.abc import Callable, Mapping
from typing import Any

from orchestration.lib import own_settings
from orchestration.lib.build import dbt, planning, rule_sheet, seed_files
from orchestration.lib.settings import Settings


def check(settings: Settings, manifest: Mapping[str, Any], report: Callable[[str], None]) -> None:
    """Stops on a bad variable, rule sheet or other seed; reports warnings about the sheet.

    Asking dbt takes seconds, so it is skipped if the last finished build used exactly this project.
    """
    own_settings.check(settings)
    for warning in rule_sheet.check(settings):
        report(f"Warning: {warning}")
    seed_files.check(settings)
    if not planning.is_known(settings, manifest):
        dbt.check_variables(settings)
