"""Starts the build job in this process; Dagster records it like any other run."""

import logging
import os
import sqlite3

import dagster as dg
from sqlalchemy.exc import OperationalError

from orchestration.definitions import defs
from orchestration.lib.errors import UserError, reason_of
from orchestration.lib.terminal import report
from orchestration.runtime import home, signals, storage
from orchestration.runtime.errors import failure_of


def build(full: bool = False) -> None:
    """Lands, builds, tests and publishes."""
    try:
        home.prepare()
        _build(full)
    except (OperationalError, sqlite3.OperationalError) as error:
        raise UserError(
            f"Dagster cannot write its record of runs to {os.environ['DAGSTER_HOME']}: {reason_of(error)}. Free space "
            "there, or set DAGSTER_HOME to another folder. Then run the command again; it completes the work."
        ) from None


def _build(full: bool) -> None:
    # After a build with nothing to do, Dagster warns of tests that did not run. Users at a terminal do not need that
    # warning.
    logging.getLogger("dagster").addHandler(logging.NullHandler())
    run_config = {"loggers": {"console": {}}, "ops": {"models": {"config": {"full": full}}}}
    report("Landing, building, testing and publishing")
    with dg.DagsterInstance.get() as instance, signals.received() as received:
        storage.batch(instance)
        result = defs.resolve_job_def("build").execute_in_process(
            instance=instance, raise_on_error=False, run_config=run_config
        )
        stopped = received()
    if not result.success and stopped:
        raise signals.Stopped(stopped[-1])
    if not result.success:
        raise UserError(failure_of(result))
    report("Done")
