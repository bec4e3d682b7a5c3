"""Landed tables: one asset a source table, all landed by one step."""

from collections.abc import Iterator

import dagster as dg

from orchestration.lib import landing
from orchestration.lib.runs import explained
from orchestration.lib.settings import PROJECT_DIR, Settings

SOURCES = landing.read_sources(PROJECT_DIR)


@dg.multi_asset(
    specs=[
        dg.AssetSpec([table.source, table.name], description=table.description, group_name="landing", kinds={"duckdb"})
        for table in SOURCES
    ],
    required_resource_keys={"writer"},
)
def landed_tables(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Lands every new file of the landing folder, newest version of every row."""
    settings: Settings = context.resources.writer
    with explained(context):
        for report in landing.land_all(settings.warehouse, settings.landing_dir, SOURCES, context.log.info):
            yield dg.MaterializeResult(asset_key=[report.source, report.table], metadata=landing.metadata(report))
