"""Live sources: one asset a table that a live system feeds, in a job of its own.

Not part of the build: a system that is down must not keep files from being landed. The files that it brings start a
build as any new files do.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from orchestration.lib.errors import UserError
from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.settings import Settings
from orchestration.lib.sources import run
from orchestration.lib.sources.run import Brought
from orchestration.runs import explained

GROUP = "live"


@dataclass(frozen=True)
class LiveDefinitions:
    """What there is for Dagster; empty without credentials."""

    assets: Sequence[dg.AssetsDefinition] = ()
    jobs: Sequence[Any] = ()
    schedules: Sequence[dg.ScheduleDefinition] = ()
    asset_keys: Mapping[str, dg.AssetKey] | None = None  # by landing folder

    def lineage(self, spec: dg.AssetSpec) -> dg.AssetSpec:
        """A landed table stands on the live table that feeds it."""
        key = (self.asset_keys or {}).get("/".join(spec.key.path))
        return spec.merge_attributes(deps=[key]) if key else spec


def live_definitions(settings: Settings, environ: Mapping[str, str] = os.environ) -> LiveDefinitions:
    """Assets, jobs and schedules of the live tables that are configured."""
    tables = {_key(table): table for table in run.live_tables(settings, environ)}
    if not tables:
        return LiveDefinitions()

    @dg.multi_asset(
        specs=[dg.AssetSpec(key, group_name=GROUP, kinds={table.source}) for key, table in tables.items()],
        can_subset=True,
    )
    def live_files(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        """Brings what is new in the live systems into the landing folder, as immutable files."""
        chosen = [table for key, table in tables.items() if key in context.selected_asset_keys]
        with explained(context):
            brought = run.extract_all(Settings.from_environment(), chosen, environ, context.log.info)
            yield from (_result(one) for one in _successes(brought))

    @dg.op
    def look_back(context: dg.OpExecutionContext) -> None:
        """Finds what an increment cannot: rows deleted for good, rows never seen, calls corrected late."""
        with explained(context):  # pyright: ignore[reportArgumentType]
            everything = list(tables.values())
            for one in _successes(run.compare_all(Settings.from_environment(), everything, environ, context.log.info)):
                context.log_event(dg.AssetObservation(_key(one.table), metadata=_metadata(one)))

    @dg.job(description="Compare the live systems with the warehouse, id by id.", executor_def=dg.in_process_executor)
    def compare_live() -> None:
        look_back()

    extract_live = dg.define_asset_job(
        "extract_live",
        selection=dg.AssetSelection.groups(GROUP),
        description="Bring what is new in the live systems into the landing folder.",
    )
    return LiveDefinitions(
        assets=[live_files],
        jobs=[extract_live, compare_live],
        schedules=[
            # A quarter of an hour before the hourly build; new files start one sooner.
            dg.ScheduleDefinition(
                name="extract_live_hourly",
                job=extract_live,
                cron_schedule="45 * * * *",
                default_status=dg.DefaultScheduleStatus.RUNNING,
            ),
            dg.ScheduleDefinition(
                name="compare_live_weekly",
                job=compare_live,
                cron_schedule="15 3 * * 0",
                default_status=dg.DefaultScheduleStatus.RUNNING,
            ),
        ],
        asset_keys={table.folder: key for key, table in tables.items()},
    )


def _successes(results: Iterator[Brought]) -> Iterator[Brought]:
    """Hands on what worked, then fails with all that did not."""
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


def _result(brought: Brought) -> dg.MaterializeResult:
    return dg.MaterializeResult(asset_key=_key(brought.table), metadata=_metadata(brought))


def _metadata(brought: Brought) -> dict[str, Any]:
    """Numbers and file names; no content of any row, for that is personal data."""
    notes = {name: value for name, value in brought.notes.items() if value not in ("", None)}
    return {"rows": brought.rows, "files": dg.MetadataValue.json(list(brought.files)), **notes}
