"""Alerts: sensors that report a failed run, stale marts and a day without calls. Without settings there are none."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime

import dagster as dg

from orchestration.defs.transform.assets import PUBLISHED
from orchestration.lib.alerts import Alerts, day_without_calls
from orchestration.lib.settings import Settings
from orchestration.runtime.freshness import FAIL_WINDOW
from orchestration.runtime.process import SETTINGS

RUNNING = dg.DefaultSensorStatus.RUNNING


def alert_definitions(settings: Settings, environ: Mapping[str, str] = os.environ) -> dg.Definitions:
    """The sensors, if a webhook or an email address is set."""
    alerts = Alerts.from_environment(environ)
    if alerts is None:
        return dg.Definitions()

    @dg.run_failure_sensor(default_status=RUNNING)
    def failed_run(context: dg.RunFailureSensorContext) -> None:
        """Reports every failed run, with its steps but without error texts."""
        steps = ", ".join(sorted({event.step_key or "?" for event in context.get_step_failure_events()}))
        run = context.dagster_run
        lines = [f"Run of {run.job_name} failed{f' at {steps}' if steps else ''}.", f"Dagster run {run.run_id}"]
        for failure in alerts.send(lines):
            context.log.warning(failure)

    @dg.sensor(minimum_interval_seconds=600, default_status=RUNNING)
    def stale_data(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        """Reports once when the marts miss their freshness check, and once when a day passes without calls."""
        found = {"freshness": _stale_marts(context.instance), "calls": day_without_calls(settings.marts)}
        now = {name: line for name, line in found.items() if line}
        known = json.loads(context.cursor or "[]")
        if new := [line for name, line in now.items() if name not in known]:
            for failure in alerts.send(new):
                context.log.warning(failure)
        return dg.SensorResult(cursor=json.dumps(sorted(now)))

    return dg.Definitions(sensors=[failed_run, stale_data])


def _stale_marts(instance: dg.DagsterInstance) -> str | None:
    event = instance.get_latest_materialization_event(dg.AssetKey(PUBLISHED))
    if event is None:
        return None
    published = datetime.fromtimestamp(event.timestamp, UTC)
    if datetime.now(UTC) - published <= FAIL_WINDOW:
        return None
    return (
        f"The published marts failed their freshness check: the last publication was at {published:%Y-%m-%d %H:%M} UTC."
    )


defs = alert_definitions(SETTINGS)
