"""What the assets share: the writer's lock, retries, errors in a user's words, and where Dagster keeps its records."""

import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb

from orchestration.lib import lock
from orchestration.lib.dbt import DbtError
from orchestration.lib.publish import PublishError
from orchestration.lib.retry import can_pass_by_itself, wait_before
from orchestration.lib.settings import PROJECT_DIR, Settings, SettingsError

MAX_RETRIES = 4
EXPECTED = (SettingsError, DbtError, PublishError, OSError, duckdb.Error)


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
def explained(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Tries again, later each time, what can pass by itself; fails with one message, without a traceback, if not."""
    try:
        yield
    except EXPECTED as error:
        if can_pass_by_itself(error) and context.retry_number < MAX_RETRIES:
            seconds = wait_before(context.retry_number)
            context.log.warning(f"{error}\nThis can pass by itself: next try in {seconds} s.")
            raise dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=seconds) from error
        raise dg.Failure(description=str(error), allow_retries=False) from error


@dg.logger(description="One line a message, with the time since the start.")
def console(_: dg.InitLoggerContext) -> logging.Logger:
    """What a person at a terminal reads; the whole story is in Dagster's own record of the run."""
    logger = logging.Logger("console", level=logging.INFO)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Elapsed())
    logger.addHandler(handler)
    return logger


class _Elapsed(logging.Formatter):
    started = time.monotonic()

    def format(self, record: logging.LogRecord) -> str:
        # Dagster's record holds the message as it was given; its text repeats the run's id on every line.
        message = getattr(record, "dagster_meta", {}).get("orig_message") or record.getMessage()
        return f"{time.monotonic() - self.started:7.1f} s  {message}"


def prepare_home() -> None:
    """Gives Dagster a home in the project, with telemetry off, unless the user has one of his own."""
    if os.environ.get("DAGSTER_HOME"):
        return
    home = PROJECT_DIR / ".dagster"
    home.mkdir(exist_ok=True)
    shutil.copyfile(Path(__file__).parents[1] / "dagster.yaml", home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
