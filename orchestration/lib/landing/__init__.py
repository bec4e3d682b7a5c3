"""Landing: the files of the landing folder become raw tables of the warehouse (inputs: the newest version by key).

tables(settings)                            the input contract: the tables that are landed
read_sources(project_dir, tracker)          the same for any web tracker
land_all(settings, sources)                 every new file of every table, one transaction a table
land_table(con, table, landing_dir)         one table, on a connection from connect()
"""

from orchestration.lib.landing.contract import SourceTable, read_sources, with_named_fields
from orchestration.lib.landing.errors import LandingError
from orchestration.lib.landing.land import (
    FileReport,
    LandingFailed,
    TableReport,
    land_all,
    land_table,
    missing_inputs,
    unread_folders,
)
from orchestration.lib.landing.store import connect
from orchestration.lib.landing.trackers import tables

__all__ = [
    "FileReport",
    "LandingError",
    "LandingFailed",
    "SourceTable",
    "TableReport",
    "connect",
    "land_all",
    "land_table",
    "missing_inputs",
    "read_sources",
    "tables",
    "unread_folders",
    "with_named_fields",
]
