"""What the assets share: the writer's lock, retries, errors in a user's words, and where Dagster keeps its records."""

import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import dagster as dg
import duckdb

from orchestration.lib import lock
from orchestration.lib.errors import UserError
from orchestration.lib.retry import can_pass_by_itself, wait_before
from orchestration.lib.settings import PROJECT_DIR, Settings
from orchestration.lib.terminal import say, stamped

MAX_RETRIES = 4
EXPECTED = (UserError, OSError, duckdb.Error)
# Runs start every hour: two that did not end well are a reason to look.
HOURLY = dg.FreshnessPolicy.time_window(warn_window=timedelta(hours=2), fail_window=timedelta(hours=6))


@dg.resource(description="The settings, while no other run writes.")
@contextmanager
def writer(context: dg.InitResourceContext) -> Iterator[Settings]:
    """Holds the warehouse for a whole run: steps of two runs never mix, and a killed run holds nothing.

    Not Dagster's pools: a killed process leaves its slot taken until somebody frees it by hand.
    """
    settings = Settings.from_environment()
    logger = context.log or logging.getLogger(__name__)
    with lock.exclusive(settings.writer_lock, f"run {context.run_id}", logger.info):
        yield settings


@contextmanager
def explained(context: dg.OpExecutionContext | dg.AssetExecutionContext) -> Iterator[None]:
    """Tries again, later each time, what can pass by itself; fails with one message, without a traceback, if not."""
    try:
        yield
    except EXPECTED as error:
        if can_pass_by_itself(error) and context.retry_number < MAX_RETRIES:
            seconds = wait_before(context.retry_number)
            context.log.warning(f"{error}\nThis can pass by itself: next try in {seconds} s.")
            raise dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=seconds) from error
        raise dg.Failure(description=str(error), allow_retries=False) from error


def _console(_: dg.InitLoggerContext) -> logging.Logger:
    """What a person at a terminal reads; the whole story is in Dagster's own record of the run."""
    logger = logging.Logger("console", level=logging.INFO)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Stamped())
    # Dagster's own events are for its record, and an error is told once, at the end.
    handler.addFilter(lambda record: record.levelno < logging.ERROR and not _is_engines(record))
    logger.addHandler(handler)
    return logger


def _is_engines(record: logging.LogRecord) -> bool:
    meta = getattr(record, "dagster_meta", {})
    message = meta.get("orig_message") or ""
    # With nothing to build every test is an output that did not come, and what stands on it is skipped.
    remark = "did not yield or return expected outputs" in message or message.startswith("Skipping step ")
    return remark or meta.get("dagster_event") is not None


console = dg.LoggerDefinition(_console, description="One line a message, with the time since the start.")


class _Stamped(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        # Dagster puts the run's id before every message; the message as it was given stands beside it.
        meta = getattr(record, "dagster_meta", {})
        return stamped(meta.get("orig_message") or record.getMessage())


def build(full: bool = False) -> None:
    """Runs the whole job in this process; Dagster records it like any other run."""
    prepare_home()
    # Where nothing was built, it warns of tests that did not run: not to a person at a terminal.
    logging.getLogger("dagster").addHandler(logging.NullHandler())
    from orchestration.definitions import defs

    run_config = {"loggers": {"console": {}}, "ops": {"models": {"config": {"full": full}}}}
    say("Landing, building, testing and publishing")
    with dg.DagsterInstance.get() as instance:
        result = defs.resolve_job_def("build").execute_in_process(
            instance=instance, raise_on_error=False, run_config=run_config
        )
    if not result.success:
        raise UserError(failure_of(result))
    say("Done")


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    """Why a run failed, in the words of the step that did."""
    reasons = []
    for event in result.all_events:
        if event.is_step_failure:
            failure = event.step_failure_data
            known = failure.user_failure_data
            reasons.append((known.description if known else None) or failure.error_display_string)
        elif event.is_job_failure and not reasons and event.job_failure_data.error:
            reasons.append(event.job_failure_data.error.to_string())
    return "\n".join(reasons)


def serve() -> None:
    """Dagster's user interface, its schedule and its sensors, until stopped."""
    prepare_home()
    os.execv(sys.executable, [sys.executable, "-m", "dagster", "dev", "-m", "orchestration.definitions"])


def prepare_home() -> None:
    """Gives Dagster a home in the project, with telemetry off, unless the user has one of his own."""
    if os.environ.get("DAGSTER_HOME"):
        return
    home = PROJECT_DIR / ".dagster"
    home.mkdir(exist_ok=True)
    shutil.copyfile(Path(__file__).parent / "dagster.yaml", home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
