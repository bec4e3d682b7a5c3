"""The report page, written after every publication."""

from collections.abc import Iterator

import dagster as dg

from orchestration.defs.transform.assets import PUBLISHED, refresh_report


# A run can finish without the page, which can be written from the marts at any time.
@dg.asset(
    deps=[PUBLISHED],
    group_name="published",
    kinds={"html"},
    required_resource_keys={"writer"},
    output_required=False,
)
def report_page(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """One static HTML page that shows the published marts in pictures."""
    if written := refresh_report(context, context.resources.writer):
        metadata = {"file": dg.MetadataValue.path(str(written.path)), "bytes": written.size, "figures": written.figures}
        yield dg.MaterializeResult(metadata=metadata)


defs = dg.Definitions(assets=[report_page])
