"""Dagster resources: the settings, and the right to write."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from orchestration.lib import files, lock
from orchestration.lib.settings import Settings
from orchestration.runtime import killed


@dg.resource(description="The settings of this process, read from its environment once.")
def settings(_: dg.InitResourceContext) -> Settings:
    """For what only reads; whatever writes to the warehouse takes `writer`."""
    return Settings.current()


@dg.resource(description="The settings, while no other run writes.", required_resource_keys={"settings"})
@contextmanager
def writer(context: dg.InitResourceContext) -> Iterator[Settings]:
    """Locks the warehouse for a whole run: steps of two runs never mix, and a killed run leaves no lock behind.

    Not Dagster's pools: a killed process leaves its slot taken until a user frees it by hand.
    """
    current: Settings = context.resources.settings
    logger = context.log or logging.getLogger(__name__)
    files.restrict(current.private_paths)
    run, instance = context.dagster_run, context.instance
    if run and instance:
        killed.sign(instance, run.run_id)
    with lock.exclusive(current.writer_lock, f"run {context.run_id}", logger.info):
        if run and instance:
            killed.close(instance, run.job_name, run.run_id)
        yield current
