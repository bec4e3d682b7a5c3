"""What Dagster loads: the `defs` of every module below defs/, one process per run, one writer at a time."""

import importlib
import pkgutil
from collections.abc import Iterator

import dagster as dg

import orchestration.defs
from orchestration.runtime import resources, storage
from orchestration.runtime.console import console


def _of_all_folders() -> Iterator[dg.Definitions]:
    """A new folder needs no entry here.

    Not load_from_defs_folder: it also describes every component type of every installed package, which adds half a
    second to each start.
    """
    for module in pkgutil.walk_packages(orchestration.defs.__path__, "orchestration.defs."):
        loaded = getattr(importlib.import_module(module.name), "defs", None)
        if isinstance(loaded, dg.Definitions):
            yield loaded


storage.relax()

defs = dg.Definitions.merge(
    *_of_all_folders(),
    dg.Definitions(
        resources={"settings": resources.settings, "writer": resources.writer},
        # In this process: one start of Python and dbt per run, and the writer's lock is held from first step to last.
        executor=dg.in_process_executor,
        loggers={"console": console},
    ),
)
