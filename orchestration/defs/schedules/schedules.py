"""When runs start."""

import dagster as dg

from orchestration.lib import landing, lock
from orchestration.lib.landing import watch
from orchestration.lib.settings import Settings
from orchestration.lib.terminal import counted
from orchestration.runtime.process import SETTINGS

SOURCES = landing.tables(SETTINGS)

build_job = dg.define_asset_job(
    "build",
    # Live systems have jobs of their own: files must land while one of them is down.
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("live"),
    description="Land, build, test, publish, report: the same as `make build`.",
)


@dg.schedule(job=build_job, cron_schedule="0 * * * *", default_status=dg.DefaultScheduleStatus.RUNNING)
def hourly(
    context: dg.ScheduleEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.RunRequest | dg.SkipReason:
    """Every hour, unless a run is still writing."""
    if lock.is_held(settings.writer_lock):
        return dg.SkipReason("A run is still writing.")
    return dg.RunRequest()


@dg.sensor(job=build_job, minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def new_files(
    context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.SensorResult | dg.SkipReason:
    """Starts a run when files in the landing folder are new or changed."""
    if lock.is_held(settings.writer_lock):
        return dg.SkipReason("A run is still writing. The sensor looks for new files when the run has ended.")
    cursor, files = watch.fingerprint(settings.landing_dir, SOURCES)
    if not files:
        return dg.SkipReason(f"No files in {settings.landing_dir}.")
    if cursor == context.cursor:
        return dg.SkipReason(f"{counted(files, 'file')}, none new.")
    # No run key: a folder that returns to an earlier listing is new again, and the cursor prevents double runs.
    return dg.SensorResult(run_requests=[dg.RunRequest()], cursor=cursor)


defs = dg.Definitions(jobs=[build_job], schedules=[hourly], sensors=[new_files])
