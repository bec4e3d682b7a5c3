"""What Dagster loads: everything below defs/, one process a run, one writer at a time."""

import dagster as dg

from orchestration.defs.landing import assets as landing
from orchestration.defs.publish import assets as publish
from orchestration.defs.report import assets as report
from orchestration.defs.schedules import schedules
from orchestration.defs.transform import assets as transform
from orchestration.lib import run_storage, runs

run_storage.relax()

defs = dg.Definitions(
    assets=[landing.landed_tables, transform.models, publish.published_marts, report.report_page],
    jobs=[schedules.build_job],
    schedules=[schedules.hourly],
    sensors=[schedules.new_files],
    resources={"writer": runs.writer},
    # In this process: one start of Python and dbt a run, and the writer's lock is held from the first step to the last.
    executor=dg.in_process_executor,
    loggers={"console": runs.console},
)
