"""The landed tables of a user's settings: those of the web tracker that variable web_tracker selects."""

from orchestration.lib import own_settings, seeds
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
        names = ("column_name", "your_column")
        rows, _ = seeds.read(own_settings.seed_file(settings, "tracker_columns"), names, short_rows=True)
        return WebTracker(name, own_columns={row[names[0]]: row[names[1]] for row in rows if row[names[1]]})
    return WebTracker(name, variables["tracker_cookie_column"])
