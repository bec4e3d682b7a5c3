"""Live sources: one asset per table that a live system feeds, in jobs of their own.

They are not part of the build: files must land while a live system is down. New files of a live system start a build
like any other new files.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from orchestration.lib import lock
from orchestration.lib.errors import UserError
from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.settings import Settings
from orchestration.lib.sources import run
from orchestration.lib.sources.run import ExtractionResult
from orchestration.runtime.errors import user_facing_errors
from orchestration.runtime.process import SETTINGS

GROUP = "live"


def live_keys(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, dg.AssetKey]:
    """The live assets by the landing folder that they feed."""
    return {table.folder: _key(table) for table in run.live_tables(settings, environ)}


def live_definitions(settings: Settings, environ: Mapping[str, str] = os.environ) -> dg.Definitions:
    """Assets, jobs and schedules of the configured live tables."""
    tables = {_key(table): table for table in run.live_tables(settings, environ)}
    if not tables:
        return dg.Definitions()

    @dg.multi_asset(
        specs=[dg.AssetSpec(key, group_name=GROUP, kinds={table.source}) for key, table in tables.items()],
        can_subset=True,
    )
    def live_files(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        """Extracts what is new in the live systems into the landing folder, as immutable files."""
        chosen = [table for key, table in tables.items() if key in context.selected_asset_keys]
        with user_facing_errors(context):
            extracted = run.extract_all(settings, chosen, environ, context.log.info)
            yield from (_result(one) for one in _successes(extracted))

    @dg.op
    def reconcile(context: dg.OpExecutionContext) -> None:
        """Finds what an extraction cannot: hard-deleted rows, rows never seen, calls corrected late."""
        with user_facing_errors(context):
            reconciled = run.reconcile_all(settings, list(tables.values()), environ, context.log.info)
            for one in _successes(reconciled):
                context.log_event(dg.AssetObservation(_key(one.table), metadata=_metadata(one)))

    @dg.job(description="Compare the live systems with the warehouse, id by id.", executor_def=dg.in_process_executor)
    def reconcile_live() -> None:
        reconcile()

    extract_live = dg.define_asset_job(
        "extract_live",
        selection=dg.AssetSelection.groups(GROUP),
        description="Extract what is new in the live systems into the landing folder.",
    )

    def is_free(context: dg.ScheduleEvaluationContext) -> bool:
        """A first extraction can take hours; the next one then starts an hour later."""
        return not lock.is_held(settings.extraction_lock)

    return dg.Definitions(
        assets=[live_files],
        jobs=[extract_live, reconcile_live],
        schedules=[
            # A quarter of an hour before the hourly build; new files start one sooner.
            dg.ScheduleDefinition(
                name="extract_live_hourly",
                job=extract_live,
                cron_schedule="45 * * * *",
                should_execute=is_free,
                default_status=dg.DefaultScheduleStatus.RUNNING,
            ),
            dg.ScheduleDefinition(
                name="reconcile_live_weekly",
                job=reconcile_live,
                cron_schedule="15 3 * * 0",
                should_execute=is_free,
                default_status=dg.DefaultScheduleStatus.RUNNING,
            ),
        ],
    )


def _successes(results: Iterator[ExtractionResult]) -> Iterator[ExtractionResult]:
    """Yields every success, then raises one error with all failures."""
    errors: dict[str, None] = {}
    for result in results:
        if result.error:
            errors[result.error] = None
        else:
            yield result
    if errors:
        raise UserError("\n".join(errors))


def _key(table: SourceTable) -> dg.AssetKey:
    return dg.AssetKey([GROUP, table.source, table.name])


def _result(extracted: ExtractionResult) -> dg.MaterializeResult:
    return dg.MaterializeResult(asset_key=_key(extracted.table), metadata=_metadata(extracted))


def _metadata(extracted: ExtractionResult) -> dict[str, Any]:
    """Numbers and file names; no content of any row, because that is personal data."""
    notes = {name: value for name, value in extracted.notes.items() if value not in ("", None)}
    return {"rows": extracted.rows, "files": dg.MetadataValue.json(list(extracted.files)), **notes}


# Empty without credentials.
defs = live_definitions(SETTINGS)
