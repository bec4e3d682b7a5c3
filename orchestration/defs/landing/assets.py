"""Landed tables: one asset per source table, all landed by one step."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from orchestration.defs.live.assets import live_keys
from orchestration.lib import crm_rules, landing
from orchestration.lib.build import preflight
from orchestration.lib.settings import Settings
from orchestration.runtime.errors import user_facing_errors
from orchestration.runtime.freshness import HOURLY
from orchestration.runtime.process import MANIFEST, SETTINGS

SOURCES = landing.tables(SETTINGS)
LIVE = live_keys(SETTINGS)
COUNTS = ("rows_read", "landed", "superseded", "unchanged", "quarantined", "uncast")


def landed_table(table: landing.SourceTable, live: Mapping[str, dg.AssetKey]) -> dg.AssetSpec:
    """The asset of one landed table; it depends on the live table that feeds it, if there is one."""
    return dg.AssetSpec(
        [table.source, table.name],
        deps=[live[table.folder]] if table.folder in live else [],
        group_name="landing",
        kinds={"duckdb"},
        # A run needs these tables: they become out of date when landing stops.
        freshness_policy=HOURLY if table.required or table.required_group else None,
    )


@dg.multi_asset(
    specs=[landed_table(table, LIVE) for table in SOURCES],
    required_resource_keys={"writer"},
)
def landed_tables(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Lands every new file of the landing folder: the newest version of every row, with counts per file."""
    settings: Settings = context.resources.writer
    failed = None
    with user_facing_errors(context):
        preflight.check(settings, MANIFEST, context.log.info)
        try:
            sources = landing.with_named_fields(SOURCES, crm_rules.parsed_fields(settings))
            reports = landing.land_all(settings, sources, context.log.info)
        except landing.LandingFailed as error:
            # The other tables landed nevertheless.
            reports, failed = error.reports, error
        for report in reports:
            if not report.error:
                yield dg.MaterializeResult(asset_key=report.table.split("/"), metadata=metadata(report))
        if failed:
            raise failed


def metadata(report: landing.TableReport) -> dict[str, Any]:
    """The numbers and file names of one table; no content of any row, because that is personal data."""
    counts = {count: report.total(count) for count in COUNTS}
    files = [{"file": file.path} | {count: getattr(file, count) for count in COUNTS} for file in report.files]
    return {
        **counts,
        "new_files": len(report.files),
        "known_files": report.known_files,
        "files": dg.MetadataValue.json(files),
        "warnings": dg.MetadataValue.json(report.warnings),
    }


defs = dg.Definitions(assets=[landed_tables])
