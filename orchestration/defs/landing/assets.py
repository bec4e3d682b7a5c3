"""Landed tables: one asset a source table, all landed by one step."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration.defs.transform.assets import MANIFEST
from orchestration.lib import landing
from orchestration.lib.build import preflight
from orchestration.lib.settings import PROJECT_DIR, Settings
from orchestration.runs import HOURLY, explained

SOURCES = landing.read_sources(PROJECT_DIR)
COUNTS = ("rows_read", "landed", "superseded", "unchanged", "quarantined", "uncast")


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            [table.source, table.name],
            group_name="landing",
            kinds={"duckdb"},
            # A run cannot do without these: they go stale when landing stops.
            freshness_policy=HOURLY if table.required or table.required_group else None,
        )
        for table in SOURCES
    ],
    required_resource_keys={"writer"},
)
def landed_tables(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Lands every new file of the landing folder: the newest version of every row, counted for every file."""
    settings: Settings = context.resources.writer
    failed = None
    with explained(context):
        preflight.check(settings, MANIFEST, context.log.info)
        try:
            reports = landing.land_all(settings.warehouse, settings.landing_dir, SOURCES, context.log.info)
        except landing.LandingFailed as error:
            # The other tables were landed all the same.
            reports, failed = error.reports, error
        for report in reports:
            if not report.error:
                yield dg.MaterializeResult(asset_key=report.table.split("/"), metadata=metadata(report))
        if failed:
            raise failed


def metadata(report: landing.TableReport) -> dict[str, Any]:
    """The numbers and file names of one table; no content of any row, for that is personal data."""
    counts = {count: report.total(count) for count in COUNTS}
    files = [{"file": file.path} | {count: getattr(file, count) for count in COUNTS} for file in report.files]
    return {
        **counts,
        "new_files": len(report.files),
        "known_files": report.known_files,
        "files": dg.MetadataValue.json(files),
        "warnings": dg.MetadataValue.json(report.warnings),
    }
