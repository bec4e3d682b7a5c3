"""The landed tables of a user's settings: those of the web tracker that variable web_tracker selects."""

import csv

from orchestration.lib import own_settings
from orchestration.lib.landing.contract import SourceTable, WebTracker, read_sources
from orchestration.lib.settings import Settings


def tables(settings: Settings) -> list[SourceTable]:
    """The tables that are landed. A value that is not allowed stops the run elsewhere, with the allowed ones."""
    return read_sources(settings.project_dir, selected(settings))


def selected(settings: Settings) -> WebTracker:
    variables = own_settings.variables_in_effect(settings)
    name = variables["web_tracker"]
    if name == WebTracker.name:
        return WebTracker()
    if name == "generic":
        with own_settings.seed_file(settings, "tracker_columns").open(encoding="utf-8-sig", newline="") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
        return WebTracker(name, own_columns={row[0]: row[1] for row in rows[1:] if len(row) == 2 and row[1]})
    return WebTracker(name, variables["tracker_cookie_column"])
