"""The published file, the last asset of a run."""

import dagster as dg

from orchestration.defs.transform.assets import MART_TABLES, PUBLISHED, publish_build
from orchestration.lib.settings import Settings
from orchestration.lib.terminal import counted
from orchestration.runtime.errors import user_facing_errors
from orchestration.runtime.freshness import HOURLY


@dg.asset(
    name=PUBLISHED,
    # Views are in the same file, and an incremental build does not change them.
    deps=MART_TABLES,
    group_name="published",
    kinds={"duckdb"},
    freshness_policy=HOURLY,
    required_resource_keys={"writer"},
)
def published_marts(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """The marts that analysts read: a copy of the audited build, published in one step; with Spark also as Parquet."""
    settings: Settings = context.resources.writer
    with user_facing_errors(context):
        published = publish_build(settings, context.log.warning)
        context.log.info(
            f"Published {counted(published.tables, 'table')}, {published.size / 1e6:.1f} MB, as {published.version}."
        )
    return dg.MaterializeResult(
        metadata={
            "file": dg.MetadataValue.path(str(settings.marts)),
            "version": published.version.name,
            "bytes": published.size,
            "tables": published.tables,
            "removed_versions": len(published.removed),
        }
    )


defs = dg.Definitions(assets=[published_marts])
