"""The report page, written after every publication."""

import dagster as dg

from orchestration.defs.transform.assets import PUBLISHED
from orchestration.lib import report
from orchestration.lib.settings import Settings
from orchestration.runtime.errors import user_facing_errors


@dg.asset(deps=[PUBLISHED], group_name="published", kinds={"html"}, required_resource_keys={"writer"})
def report_page(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """One static HTML page that shows the published marts in pictures."""
    settings: Settings = context.resources.writer
    with user_facing_errors(context):
        written = report.write(settings)
        context.log.info(f"Report: {written.path}, {written.size / 1024:.0f} KiB, {written.figures} figures.")
    return dg.MaterializeResult(
        metadata={
            "file": dg.MetadataValue.path(str(written.path)),
            "bytes": written.size,
            "figures": written.figures,
        }
    )


defs = dg.Definitions(assets=[report_page])
