"""When runs start."""

import dagster as dg

from orchestration.lib import lock
from orchestration.lib.landing import watch
from orchestration.lib.settings import Settings

build_job = dg.define_asset_job(
    "build",
    # Live systems have jobs of their own: one that is down must not keep files from being landed.
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("live"),
    description="Land, build, test, publish, report: what `make build` does.",
)


@dg.schedule(job=build_job, cron_schedule="0 * * * *", default_status=dg.DefaultScheduleStatus.RUNNING)
def hourly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Every hour, unless a run is still writing."""
    if lock.is_held(Settings.from_environment().writer_lock):
        return dg.SkipReason("A run is still writing.")
    return dg.RunRequest()


@dg.sensor(job=build_job, minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def new_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Starts a run when files came or changed in the landing folder."""
    settings = Settings.from_environment()
    if lock.is_held(settings.writer_lock):
        return dg.SkipReason("A run is still writing; new files are looked for when it is done.")
    cursor, files = watch.fingerprint(settings.landing_dir)
    if not files:
        return dg.SkipReason(f"No files in {settings.landing_dir}.")
    if cursor == context.cursor:
        return dg.SkipReason(f"{files} files, none of them new.")
    # No run key: a folder that returns to an earlier listing is new again, and the cursor guards against doubles.
    return dg.SensorResult(run_requests=[dg.RunRequest()], cursor=cursor)
