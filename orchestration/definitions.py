"""What Dagster loads: everything below defs/, one process a run, one writer at a time."""

import dagster as dg

from orchestration import run_storage, runs
from orchestration.defs.landing import assets as landing
from orchestration.defs.live import assets as live
from orchestration.defs.publish import assets as publish
from orchestration.defs.report import assets as report
from orchestration.defs.schedules import schedules
from orchestration.defs.transform import assets as transform
from orchestration.lib.settings import Settings

run_storage.relax()

# Nothing without credentials.
live_sources = live.live_definitions(Settings.from_environment())

defs = dg.Definitions(
    assets=[
        *live_sources.assets,
        *dg.map_asset_specs(live_sources.lineage, [landing.landed_tables]),
        transform.models,
        publish.published_marts,
        report.report_page,
    ],
    jobs=[schedules.build_job, *live_sources.jobs],
    schedules=[schedules.hourly, *live_sources.schedules],
    sensors=[schedules.new_files],
    resources={"writer": runs.writer},
    # In this process: one start of Python and dbt a run, and the writer's lock is held from the first step to the last.
    executor=dg.in_process_executor,
    loggers={"console": runs.console},
)
